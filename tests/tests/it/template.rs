//! The template: its routes, compared with the table of routes; how its functions are deployed; who names the table.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use api::{Function, Route};
use serde_norway::Value;
use tests::api;
use tests::document::DOCUMENT;

/// A method and a path, by the folder of the function that they lead to; `$default` without them.
type Routes = BTreeMap<String, BTreeSet<String>>;

/// A value without CloudFormation's tags.
pub fn untagged(value: &Value) -> &Value {
    match value {
        Value::Tagged(tagged) => &tagged.value,
        other => other,
    }
}

/// The text of a file, by its path in the workspace.
fn text(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The template, with its merges written out.
pub fn template() -> Value {
    let mut template: Value = serde_norway::from_str(&text("template.yaml")).expect("YAML");
    template.apply_merge().expect("merges");
    template
}

/// The template's resources of a type, by name.
fn of_type<'a>(template: &'a Value, kind: &str) -> Vec<(&'a str, &'a Value)> {
    let resources = template["Resources"].as_mapping().expect("resources");
    let of_kind = resources.iter().filter(|(_, resource)| resource["Type"] == kind);
    of_kind.map(|(name, resource)| (name.as_str().expect("a name"), &resource["Properties"])).collect()
}

fn of_template() -> Routes {
    let template = template();
    let mut routes = Routes::new();
    for (_, properties) in of_type(&template, "AWS::Serverless::Function") {
        let folder = properties["CodeUri"].as_str().and_then(|uri| uri.strip_prefix("functions/")).expect("a folder");
        for event in properties["Events"].as_mapping().into_iter().flatten().map(|(_, event)| event) {
            if event["Type"].as_str() == Some("HttpApi") {
                let properties = untagged(&event["Properties"]);
                let route = properties["Method"].as_str().zip(properties["Path"].as_str());
                let route = route.map_or("$default".to_owned(), |(method, path)| format!("{method} {path}"));
                routes.entry(folder.to_owned()).or_default().insert(route);
            }
        }
    }
    routes
}

#[test]
fn no_attempt_is_under_way_for_longer_than_its_function() {
    let timeout = template()["Resources"]["DeliverWebhookFunction"]["Properties"]["Timeout"].as_u64();
    assert_eq!(timeout, Some(domain::delivery::ATTEMPT_MAX.as_secs()));
}

#[test]
fn results_are_waited_for_as_long_as_documents_say() {
    let minutes = template()["Parameters"]["ResultGraceMinutes"]["Default"].as_u64();
    assert_eq!(minutes.map(|minutes| minutes * 60), Some(domain::interview::RESULT_GRACE.as_secs()));
}

/// Another account gets at the two queues of a conductor, and at nothing else.
#[test]
fn a_conductor_of_another_account_may_take_starts_and_send_results_and_no_more() {
    let template = template();
    let policies = of_type(&template, "AWS::SQS::QueuePolicy");
    let allowed: BTreeMap<_, _> = policies
        .iter()
        .map(|(_, policy)| {
            let queue = untagged(&policy["Queues"][0]).as_str().expect("a queue");
            let [statement] = policy["PolicyDocument"]["Statement"].as_sequence().expect("statements").as_slice()
            else {
                panic!("one statement")
            };
            let principal = untagged(&statement["Principal"]["AWS"]).as_str().expect("a principal");
            assert!(principal.ends_with("::${ConductorAccount}:root"), "{principal}");
            let actions = statement["Action"].as_sequence().expect("actions").iter();
            (queue, actions.map(|action| action.as_str().expect("an action")).collect::<Vec<_>>())
        })
        .collect();
    assert_eq!(allowed.keys().copied().collect::<Vec<_>>(), ["InterviewResults", "InterviewStarts"]);
    let starts = ["ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl", "ReceiveMessage"];
    let results = ["GetQueueAttributes", "GetQueueUrl", "SendMessage"];
    let named = |names: &[&str]| names.iter().map(|name| format!("sqs:{name}")).collect::<Vec<_>>();
    assert_eq!(allowed["InterviewStarts"], named(&starts));
    assert_eq!(allowed["InterviewResults"], named(&results));
}

#[test]
fn sweeps_are_as_frequent_as_documents_and_circuits_take_them_to_be() {
    let template = template();
    let of_sweep = &template["Resources"]["SweepFunction"]["Properties"];
    let schedule = &untagged(&of_sweep["Events"]["EachMinute"]["Properties"])["Schedule"];
    assert_eq!(schedule, "rate(1 minute)");
    let every = domain::delivery::RetrySchedule::STANDARD.swept_every;
    assert_eq!(every.as_secs(), 60);
    // A wait that is too short for the table must be one that sweeps could not keep.
    assert!(domain::delivery::QUEUED_WAIT_MAX >= every);
}

/// Longest that a test of a webhook takes, in seconds: 22 until it has posted, 6 to write that down.
const WEBHOOK_TEST_SECONDS: u64 = 28;

#[test]
fn tests_of_webhooks_leave_instances_to_the_other_routes_of_their_function() {
    let template = template();
    let settings = &template["Resources"]["Api"]["Properties"]["RouteSettings"];
    let known: BTreeSet<_> = of_template().into_values().flatten().collect();
    for (route, _) in settings.as_mapping().expect("routes") {
        assert!(known.contains(route.as_str().expect("a route")), "the stage can't be made: there is no {route:?}");
    }
    let of_test = &settings[Route::TestWebhook.entry().key];
    let setting = |name: &str| of_test[name].as_u64().expect("a number");
    let at_once = setting("ThrottlingRateLimit") * WEBHOOK_TEST_SECONDS + setting("ThrottlingBurstLimit");
    let reserved = template["Parameters"]["ManageWebhooksConcurrency"]["Default"].as_u64().expect("a number");
    assert!(at_once < reserved, "{at_once} tests at once, in {reserved} instances");
}

#[test]
fn the_ports_that_are_posted_to_are_those_that_documents_tell() {
    let variables = &template()["Resources"]["DeliverWebhookFunction"]["Properties"]["Environment"]["Variables"];
    let ports = variables["WEBHOOK_PORTS"].as_str().expect("ports").parse();
    assert_eq!(ports, Ok(domain::webhook::WebhookPorts::default()));
}

/// The folder of a function.
fn folder(function: Function) -> &'static str {
    match function {
        Function::CreateAgent => "create-agent",
        Function::CreateInterview => "create-interview",
        Function::ManageInterviews => "manage-interviews",
        Function::ManageResources => "manage-resources",
        Function::ManageWebhooks => "manage-webhooks",
        Function::Read => "read",
    }
}

#[test]
fn the_template_leads_each_route_to_its_function_and_all_else_to_not_found() {
    let mut routes = Routes::from([("not-found".to_owned(), BTreeSet::from(["$default".to_owned()]))]);
    for route in Route::ALL {
        routes.entry(folder(route.function()).to_owned()).or_default().insert(route.entry().key.to_owned());
    }
    assert_eq!(of_template(), routes, "the template's routes, and those of shared/api/src/route.rs");
}

/// Headers of answers that pages see without being told to, or have no use for.
const NOT_EXPOSED: [&str; 3] = ["allow", "cache-control", "www-authenticate"];

/// Adds the names of the headers that a part of the document lists to those found.
fn headers_of_answers(part: &serde_json::Value, found: &mut BTreeSet<String>) {
    let children: Vec<_> = match part {
        serde_json::Value::Object(members) => members.iter().map(|(name, value)| (name.as_str(), value)).collect(),
        serde_json::Value::Array(items) => items.iter().map(|item| ("", item)).collect(),
        _ => Vec::new(),
    };
    for (name, value) in children {
        match value.as_object() {
            Some(headers) if name == "headers" && headers.values().all(|header| header.is_object()) => {
                found.extend(headers.keys().map(|name| name.to_lowercase()));
            }
            _ => headers_of_answers(value, found),
        }
    }
}

#[test]
fn a_console_elsewhere_may_use_every_method_send_every_header_and_see_those_of_answers() {
    let template = template();
    let given = untagged(&template["Resources"]["Api"]["Properties"]["CorsConfiguration"]);
    assert_eq!(given[0], "HasConsole", "without a console, no page of another origin may call the API");
    let words = |name: &str| -> BTreeSet<String> {
        let listed = given[1][name].as_sequence().into_iter().flatten();
        listed.map(|word| word.as_str().expect("a word").to_owned()).collect()
    };
    let methods: BTreeSet<_> = Route::ALL.iter().map(|route| route.entry().method.to_owned()).collect();
    assert_eq!(words("AllowMethods").intersection(&methods).cloned().collect::<BTreeSet<_>>(), methods);
    let mut answered = BTreeSet::new();
    headers_of_answers(&DOCUMENT["paths"], &mut answered);
    headers_of_answers(&DOCUMENT["components"]["responses"], &mut answered);
    answered.retain(|name| !NOT_EXPOSED.contains(&name.as_str()));
    assert_eq!(words("ExposeHeaders"), answered);
    let parameters = DOCUMENT["components"]["parameters"].as_object().expect("parameters");
    let paths = DOCUMENT["paths"].to_string();
    let named = parameters.iter().filter(|(key, _)| paths.contains(&format!("\"#/components/parameters/{key}\"")));
    let sent =
        named.filter(|(_, parameter)| parameter["in"] == "header").filter_map(|(_, header)| header["name"].as_str());
    let sent: BTreeSet<_> = sent.chain(["authorization", "content-type"]).map(str::to_lowercase).collect();
    assert_eq!(words("AllowHeaders"), sent);
}

#[test]
fn stream_and_queue_reach_functions_by_their_alias() {
    let template = template();
    assert_eq!(template["Globals"]["Function"]["AutoPublishAlias"], "live");
    let mappings = of_type(&template, "AWS::Lambda::EventSourceMapping");
    assert!(mappings.len() >= 2, "{mappings:?}");
    for (name, mapping) in mappings {
        let function = mapping["FunctionName"].as_str().expect("a reference");
        assert!(function.ends_with("Function.Alias"), "{name} leads to {function}, not to its alias");
    }
}

/// The names that a value refers to by `!Ref`, `!Sub` and `!If`.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Tagged(tagged) if tagged.tag == "Ref" => {
            found.extend(tagged.value.as_str().map(str::to_owned));
        }
        Value::Tagged(tagged) => {
            let variables = tagged.value.as_str().into_iter().flat_map(|text| text.split("${").skip(1));
            found.extend(variables.filter_map(|rest| rest.split('}').next()).map(str::to_owned));
            references(&tagged.value, found);
        }
        Value::Sequence(values) => values.iter().for_each(|value| references(value, found)),
        Value::Mapping(mapping) => mapping.values().for_each(|value| references(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn a_parameter_that_functions_depend_on_makes_a_new_version_of_them() {
    let template = template();
    let globals = &template["Globals"]["Function"];
    let mut described = BTreeSet::new();
    references(&globals["Description"], &mut described);
    let parameters = template["Parameters"].as_mapping().expect("parameters");
    let functions = of_type(&template, "AWS::Serverless::Function");
    assert!(functions.len() > 5, "{}", functions.len());
    for (name, properties) in functions.into_iter().chain([("Globals", globals)]) {
        if name != "Globals" {
            assert_eq!(properties["VersionDescription"], globals["Description"], "VersionDescription of {name}");
        }
        let mut used = BTreeSet::new();
        for part in ["Architectures", "Environment", "MemorySize", "Timeout"] {
            properties.get(part).into_iter().for_each(|part| references(part, &mut used));
        }
        for parameter in used.iter().filter(|name| parameters.contains_key(name.as_str())) {
            assert!(described.contains(parameter), "{name} depends on {parameter}: name it in Globals, Description");
        }
    }
}

/// The longest description that Lambda takes of a function, in characters.
const DESCRIPTION_MAX: usize = 256;

#[test]
fn the_longest_values_of_parameters_fit_into_a_description() {
    let template = template();
    let text = untagged(&template["Globals"]["Function"]["Description"]).as_str().expect("a text");
    let longest = text.split(' ').map(|part| {
        let name = part.strip_prefix("${").and_then(|part| part.strip_suffix('}')).expect("a parameter");
        let parameter = &template["Parameters"][name];
        let allowed = parameter["AllowedValues"].as_sequence().into_iter().flatten();
        let allowed = allowed.filter_map(|value| Some(value.as_str()?.len())).max();
        let digits = parameter["MaxValue"].as_u64().map(|most| most.to_string().len());
        let length = parameter["MaxLength"].as_u64().map(|most| usize::try_from(most).expect("a length"));
        1 + allowed.or(digits).or(length).unwrap_or_else(|| panic!("{name} has no bound"))
    });
    assert!(longest.sum::<usize>() - 1 <= DESCRIPTION_MAX);
}

#[test]
fn deployments_may_move_the_alias_of_every_function() {
    let template = template();
    let roles = of_type(&template, "AWS::IAM::Role");
    let (_, role) = roles.iter().find(|(name, _)| *name == "DeploymentRole").expect("the role");
    let mut allowed = BTreeSet::new();
    references(&role["Policies"], &mut allowed);
    for (name, _) in of_type(&template, "AWS::Serverless::Function") {
        assert!(allowed.contains(&format!("{name}.Arn")), "DeploymentRole lacks {name}");
    }
}

#[test]
fn what_cannot_be_had_again_outlives_the_stack_but_not_a_first_deployment_that_failed() {
    for name in ["DiscardedBatches", "SecretsKey", "Table"] {
        let resource = &template()["Resources"][name];
        assert_eq!(resource["DeletionPolicy"], "RetainExceptOnCreate", "{name}");
        assert_eq!(resource["UpdateReplacePolicy"], "Retain", "{name}");
    }
}

/// The longest name that Lambda takes of a function, in characters.
const FUNCTION_NAME_MAX: usize = 64;

#[test]
fn stack_names_leave_room_for_what_functions_are_called() {
    let template = template();
    let suffixes = of_type(&template, "AWS::Serverless::Function").into_iter().map(|(name, properties)| {
        let called = properties["FunctionName"].as_str().expect("a name");
        called.strip_prefix("${AWS::StackName}").unwrap_or_else(|| panic!("{name} is called {called}")).len()
    });
    let longest = FUNCTION_NAME_MAX - suffixes.max().expect("functions");
    let document = text("docs/operating.md");
    let told = format!("A stack's name has at most {longest} characters");
    assert!(document.contains(&told), "operating.md lacks: {told}");
    let settings = text("samconfig.toml");
    let names = settings.lines().filter_map(|line| line.strip_prefix("stack_name = \"")?.strip_suffix('"'));
    let names: Vec<_> = names.collect();
    assert!(names.len() >= 2, "{names:?}");
    for name in names {
        assert!(name.len() <= longest, "the stack's name {name} has more than {longest} characters");
        // By which the deployer's policy knows the stack's keys.
        assert!(settings.contains(&format!(" stack={name}\"")), "the stack {name} has no tag of its name");
    }
}

/// The most characters of a policy that is part of a role, white space not counted.
const POLICY_MAX: usize = 10_240;

#[test]
fn the_deployers_policy_knows_every_kind_of_resource() {
    let policy = text("docs/deployer-policy.json");
    let size = policy.chars().filter(|c| !c.is_whitespace()).count();
    assert!(size <= POLICY_MAX, "the policy has {size} characters");
    let policy: serde_json::Value = serde_json::from_str(&policy).expect("JSON");
    let statements = policy["Statement"].as_array().expect("statements");
    let actions: Vec<_> = statements
        .iter()
        .flat_map(|statement| statement["Action"].as_array().expect("a list of actions"))
        .map(|action| action.as_str().expect("an action"))
        .collect();
    let template = template();
    let kinds = template["Resources"].as_mapping().expect("resources").values();
    let kinds: BTreeSet<_> = kinds.map(|resource| resource["Type"].as_str().expect("a type")).collect();
    // What SAM makes of functions and the API besides.
    let of_sam = [
        "AWS::CodeDeploy::Application",
        "AWS::CodeDeploy::DeploymentGroup",
        "AWS::Events::Rule",
        "AWS::Lambda::Alias",
        "AWS::Lambda::EventInvokeConfig",
    ];
    for kind in kinds.into_iter().chain(of_sam) {
        let needed = match kind {
            "AWS::ApiGatewayV2::ApiMapping" | "AWS::ApiGatewayV2::DomainName" => "apigateway:POST",
            "AWS::CloudWatch::Alarm" => "cloudwatch:PutMetricAlarm",
            "AWS::CloudWatch::Dashboard" => "cloudwatch:PutDashboard",
            "AWS::CodeDeploy::Application" => "codedeploy:CreateApplication",
            "AWS::CodeDeploy::DeploymentGroup" => "codedeploy:CreateDeploymentGroup",
            "AWS::DynamoDB::Table" => "dynamodb:CreateTable",
            "AWS::Events::Rule" => "events:PutRule",
            "AWS::IAM::Role" => "iam:CreateRole",
            "AWS::KMS::Key" => "kms:CreateKey",
            "AWS::Lambda::Alias" => "lambda:CreateAlias",
            "AWS::Lambda::EventInvokeConfig" => "lambda:PutFunctionEventInvokeConfig",
            "AWS::Lambda::EventSourceMapping" => "lambda:CreateEventSourceMapping",
            "AWS::Logs::LogGroup" => "logs:CreateLogGroup",
            "AWS::Logs::MetricFilter" => "logs:PutMetricFilter",
            "AWS::Route53::RecordSet" => "route53:ChangeResourceRecordSets",
            "AWS::S3::Bucket" => "s3:CreateBucket",
            "AWS::S3::BucketPolicy" => "s3:PutBucketPolicy",
            "AWS::SNS::Subscription" => "sns:Subscribe",
            "AWS::SNS::Topic" => "sns:CreateTopic",
            "AWS::SQS::Queue" => "sqs:CreateQueue",
            "AWS::SQS::QueuePolicy" => "sqs:SetQueueAttributes",
            "AWS::Serverless::Function" => "lambda:CreateFunction",
            "AWS::Serverless::HttpApi" => "apigateway:POST",
            other => panic!("which action makes a {other}?"),
        };
        assert!(actions.contains(&needed), "the deployer may not {needed}, for {kind}");
    }
}

/// The condition under which a parameter names the table in use.
const EXISTING: &str = "HasExistingTable";

/// The uses of the resource `Table` in a part of the template.
#[derive(Default)]
struct TableUses {
    /// The paths of those that follow no parameter.
    direct: Vec<String>,
    /// The number of those that are the last part of an `!If [HasExistingTable, …, …]`.
    conditional: usize,
}

impl TableUses {
    fn of(value: &Value) -> Self {
        let mut uses = Self::default();
        uses.add(value, "");
        uses
    }

    fn add(&mut self, value: &Value, path: &str) {
        match value {
            Value::Tagged(tagged) => self.add_function(tagged.tag.to_string().trim_start_matches('!'), value, path),
            Value::Mapping(entries) => {
                for (key, value) in entries {
                    let key = key.as_str().expect("a name");
                    match key.strip_prefix("Fn::").or((key == "Ref").then_some(key)) {
                        Some(name) => self.add_function(name, value, path),
                        None => self.add(value, &format!("{path}/{key}")),
                    }
                }
            }
            Value::Sequence(values) => {
                for (index, value) in values.iter().enumerate() {
                    self.add(value, &format!("{path}/{index}"));
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn add_function(&mut self, name: &str, argument: &Value, path: &str) {
        match (name, untagged(argument)) {
            ("If", Value::Sequence(parts)) if parts[0] == EXISTING => {
                self.conditional += 1;
                self.add(&parts[1], path);
            }
            ("Ref" | "GetAtt", Value::String(to)) if to.split('.').next() == Some("Table") => {
                self.direct.push(path.to_owned());
            }
            ("GetAtt", Value::Sequence(to)) if to[0] == "Table" => self.direct.push(path.to_owned()),
            ("Sub", Value::String(text)) => self.add_text(text, path),
            ("Sub", Value::Sequence(parts)) => {
                self.add_text(parts[0].as_str().expect("a text"), path);
                self.add(&parts[1], path);
            }
            (_, argument) => self.add(argument, path),
        }
    }

    fn add_text(&mut self, text: &str, path: &str) {
        if text.contains("${Table}") || text.contains("${Table.") {
            self.direct.push(path.to_owned());
        }
    }
}

/// Whoever uses the table follows the parameter, or a restored table would be used by some and not by others.
#[test]
fn only_what_follows_the_parameter_names_the_table() {
    let TableUses { direct, conditional } = TableUses::of(&template());
    assert!(direct.is_empty(), "write *table_name, *table_arn or *table_stream for the table in {direct:?}");
    // Variables of six functions, their roles, the mapping, alarms and outputs.
    assert!(conditional > 20, "{conditional}");
}

#[test]
fn each_way_to_name_the_table_is_found() {
    for text in [
        "A: !Ref Table",
        "A: { Ref: Table }",
        "A: !GetAtt Table.Arn",
        "A: !GetAtt [Table, StreamArn]",
        "A: { Fn::GetAtt: [Table, Arn] }",
        "A: !Sub '${Table}-name'",
        "A: !Sub ['${X}', { X: !Sub '${Table.Arn}/index/*' }]",
        "A: [{ B: !Join ['', [!Ref Table]] }]",
        "A: !If [HasDomain, !Ref Table, '']",
        "A: !If [HasExistingTable, !Ref Table, '']",
    ] {
        let uses = TableUses::of(&serde_norway::from_str(text).expect("YAML"));
        assert_eq!(uses.direct.len(), 1, "{text}");
    }
}

/// Going back to it is a change of the parameter too.
#[test]
fn the_stacks_own_table_stays_whatever_the_parameter_says() {
    let table = &template()["Resources"]["Table"];
    assert_eq!(table.get("Condition"), None);
    assert_eq!(table["UpdateReplacePolicy"], "Retain");
    assert_eq!(table["Properties"]["DeletionProtectionEnabled"], true);
}
