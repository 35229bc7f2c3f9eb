//! Checks of the account: they need neither a stack nor a table.

use crate::doctor::Place;
use crate::doctor::check::{Check, Unanswered};
use crate::doctor::stack::Stack;
use crate::error::chain;

/// The template's default of the parameter `DeliveryConcurrency`, for an account that has no stack yet.
const DELIVERY_CONCURRENCY_DEFAULT: i32 = 100;

/// The template's default of the parameter `ManageWebhooksConcurrency`, likewise.
const MANAGE_WEBHOOKS_CONCURRENCY_DEFAULT: i32 = 100;

/// The function instances that AWS keeps from all reservations: a deployment that reserves more is refused.
const UNRESERVED_MIN: i32 = 100;

/// The function instances that deliveries must leave to the API. As many as AWS itself keeps from all reservations.
const LEFT_FOR_API: i32 = 100;

pub async fn credentials(place: &Place) -> Check {
    if place.local.is_some() {
        return Check::not_checked("credentials", "a local endpoint knows no accounts");
    }
    match aws::caller_identity(&place.config).await {
        Ok(identity) => Check::ok("credentials", format!("{}, account {}", identity.arn, identity.account)),
        Err(error) => Check::failed(
            "credentials",
            chain(&error),
            "log in again, or set AWS_PROFILE to a profile of yours; the history could not name you either",
        ),
    }
}

pub fn region(place: &Place) -> Check {
    match place.config.region() {
        Some(region) => Check::ok("region", region.as_ref()),
        None => Check::failed("region", "none is known", "set AWS_REGION"),
    }
}

/// The function instances of the account, of which deliveries must leave the API enough.
pub async fn concurrency(place: &Place, stack: Option<&Stack>) -> Check {
    const NAME: &str = "Lambda concurrency";
    const RIGHT: &str = "lambda:GetAccountSettings";
    if place.local.is_some() && stack.is_none() {
        return Check::not_checked(NAME, "a local endpoint knows no accounts");
    }
    let client = aws_sdk_lambda::Client::new(&place.config);
    let settings = match client.get_account_settings().send().await {
        Ok(settings) => settings,
        Err(error) => return Unanswered::of(&error).check(NAME, RIGHT, place),
    };
    let Some(limit) = settings.account_limit() else {
        return Check::not_checked(NAME, format!("the answer to {RIGHT} has no limit"));
    };
    let total = limit.concurrent_executions();
    let unreserved = limit.unreserved_concurrent_executions().unwrap_or(total);
    let parameter = |name| stack.and_then(|stack| stack.parameter(name)).and_then(|value| value.parse().ok());
    let deliveries: i32 = parameter("DeliveryConcurrency").unwrap_or(DELIVERY_CONCURRENCY_DEFAULT);
    if place.local.is_none() && stack.is_none() && unreserved < MANAGE_WEBHOOKS_CONCURRENCY_DEFAULT + UNRESERVED_MIN {
        let detail = format!(
            "{total} functions at once in this account and region, {unreserved} of them not reserved: too few for the \
             {MANAGE_WEBHOOKS_CONCURRENCY_DEFAULT} that ManageWebhooksConcurrency reserves, since AWS keeps \
             {UNRESERVED_MIN} from all reservations"
        );
        let advice = "deploy with ManageWebhooksConcurrency=0 and a smaller DeliveryConcurrency, and ask AWS for more \
                      (Service Quotas, AWS Lambda, Concurrent executions: 1000 at least)";
        return Check::failed(NAME, detail, advice);
    }
    let left = unreserved.saturating_sub(deliveries);
    let detail = format!(
        "{total} functions at once in this account and region, {unreserved} of them not reserved; deliveries take up \
         to {deliveries} (DeliveryConcurrency)"
    );
    let advice = format!(
        "ask AWS for more (Service Quotas, AWS Lambda, Concurrent executions: {} at least), or deploy with a smaller \
         DeliveryConcurrency",
        deliveries.saturating_add(LEFT_FOR_API).max(1_000)
    );
    if place.local.is_some() && left < LEFT_FOR_API {
        return Check::not_checked(NAME, format!("{detail}: but a local endpoint has no such limit"));
    }
    match left {
        ..=0 => Check::failed(NAME, format!("{detail}, which leaves the API nothing"), advice),
        1..LEFT_FOR_API => Check::warning(NAME, format!("{detail}, which leaves the API {left}"), advice),
        LEFT_FOR_API.. => Check::ok(NAME, detail),
    }
}
