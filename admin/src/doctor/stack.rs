//! Checks of a stack: its status, and who is told of its alarms.

use aws_sdk_cloudformation::types::Stack as StackDescription;

use crate::doctor::Place;
use crate::doctor::check::{Check, Unanswered};

/// A stack that was read.
pub struct Stack(StackDescription);

impl Stack {
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut parameters = self.0.parameters().iter();
        parameters.find(|parameter| parameter.parameter_key() == Some(name))?.parameter_value()
    }

    /// The name of its table.
    pub fn table(&self) -> Option<&str> {
        self.outputs().find(|(name, _)| *name == "TableName").map(|(_, value)| value)
    }

    fn outputs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.outputs().iter().filter_map(|output| Some((output.output_key()?, output.output_value()?)))
    }
}

/// Reads a stack, and checks its status.
pub async fn read(place: &Place, name: &str) -> (Check, Option<Stack>) {
    const RIGHT: &str = "cloudformation:DescribeStacks";
    let client = aws_sdk_cloudformation::Client::new(&place.config);
    let stack = match client.describe_stacks().stack_name(name).send().await {
        Ok(answer) => answer.stacks.unwrap_or_default().into_iter().next(),
        Err(error) => match Unanswered::of(&error) {
            Unanswered::Refused { code, text } if code == "ValidationError" && text.contains("does not exist") => None,
            unanswered => return (unanswered.check("stack", RIGHT, place), None),
        },
    };
    let Some(stack) = stack else {
        let advice = "deploy it first (before that, doctor --account), or see `aws cloudformation list-stacks`; is the region right?";
        return (Check::failed("stack", format!("there is no stack {name}"), advice), None);
    };
    let status = stack.stack_status().map_or("UNKNOWN", |status| status.as_str()).to_owned();
    let detail = format!("{name}: {status}");
    let events = format!("see `aws cloudformation describe-stack-events --stack-name {name}`");
    let check = if status.ends_with("_IN_PROGRESS") {
        Check::warning("stack", detail, "wait until the deployment is over, then run this again")
    } else if status == "UPDATE_ROLLBACK_COMPLETE" {
        Check::warning("stack", detail, format!("the last deployment was undone: {events}"))
    } else if status.ends_with("_FAILED") || status.contains("ROLLBACK") || status == "DELETE_COMPLETE" {
        Check::failed("stack", detail, events)
    } else {
        Check::ok("stack", detail)
    };
    (check, Some(Stack(stack)))
}

/// The subscriptions of the topics that the stack's outputs name: a check for each.
pub async fn alarm_topics(place: &Place, stack: &Stack) -> Vec<Check> {
    let mut checks = Vec::new();
    for (output, topic) in stack.outputs().filter(|(name, _)| name.ends_with("TopicArn")) {
        checks.push(subscriptions(place, output, topic).await);
    }
    if checks.is_empty() {
        checks.push(Check::failed("alarms", "the stack has no output …TopicArn", "deploy this version's template"));
    }
    checks
}

async fn subscriptions(place: &Place, output: &str, topic: &str) -> Check {
    const RIGHT: &str = "sns:ListSubscriptionsByTopic";
    let name = format!("alarms, {output}");
    let client = aws_sdk_sns::Client::new(&place.config);
    // One page: a hundred subscriptions.
    let answer = match client.list_subscriptions_by_topic().topic_arn(topic).send().await {
        Ok(answer) => answer,
        Err(error) => return Unanswered::of(&error).check(name, RIGHT, place),
    };
    let arns: Vec<_> =
        answer.subscriptions().iter().filter_map(|subscription| subscription.subscription_arn()).collect();
    // Others are of subscribers who were removed.
    let confirmed = arns.iter().filter(|arn| arn.starts_with("arn:")).count();
    let pending = arns.iter().filter(|arn| **arn == "PendingConfirmation").count();
    let confirm = "have the subscriber follow the link in the message that AWS sent, or subscribe again";
    match (confirmed, pending) {
        (0, 0) => Check::warning(
            name,
            "nobody is told",
            format!("deploy with AlarmEmail, or `aws sns subscribe --topic-arn {topic} …`"),
        ),
        (0, _) => Check::failed(name, format!("nobody is told: {pending} not confirmed"), confirm),
        (_, 0) => Check::ok(name, format!("{confirmed} confirmed")),
        (_, _) => Check::warning(name, format!("{confirmed} confirmed, {pending} not"), confirm),
    }
}
