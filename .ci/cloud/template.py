"""From the template that `sam build` wrote to one that the emulator takes.

SAM's own translator makes plain CloudFormation of it, as it does in AWS. Then each function of CHANGES makes up for one
gap of the emulator, and NOT_SUPPORTED names the resources that it can't have at all. Everything else stays as it is.
"""

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

# It warns at each translation of metrics and toggles of its own.
logging.getLogger("samtranslator").setLevel(logging.ERROR)

Template = dict
Parameters = dict[str, str]


class NotSupported(NamedTuple):
    """A kind of resource that the emulator does not take."""

    kind: str
    reason: str
    applies: Callable[[dict], bool]
    # One of this kind, whose refusal shows that the reason still holds.
    example: dict


def is_type(resource_type: str) -> Callable[[dict], bool]:
    return lambda resource: resource["Type"] == resource_type


NOT_SUPPORTED = [
    NotSupported(
        "alarm of metric math",
        "the emulator's alarms have one metric each",
        lambda resource: resource["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"],
        {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                "EvaluationPeriods": 1,
                "Threshold": 1,
                "Metrics": [{
                    "Id": "errors",
                    "MetricStat": {
                        "Metric": {"Namespace": "AWS/Lambda", "MetricName": "Errors"}, "Stat": "Sum", "Period": 300,
                    },
                }],
            },
        },
    ),
    NotSupported(
        "AWS::CodeDeploy::Application",
        "the emulator has no CodeDeploy: an alias moves to a new version at once",
        is_type("AWS::CodeDeploy::Application"),
        {"Type": "AWS::CodeDeploy::Application", "Properties": {"ComputePlatform": "Lambda"}},
    ),
    NotSupported(
        "AWS::CodeDeploy::DeploymentGroup",
        "the emulator has no CodeDeploy: an alias moves to a new version at once",
        is_type("AWS::CodeDeploy::DeploymentGroup"),
        {
            "Type": "AWS::CodeDeploy::DeploymentGroup",
            "Properties": {"ApplicationName": "none", "ServiceRoleArn": "arn:aws:iam::000000000000:role/none"},
        },
    ),
]


class Adapted(NamedTuple):
    """A template for the emulator."""

    template: Template
    # Resources that the emulator does not take: for each its kind and the reason.
    left_out: dict[str, NotSupported]
    # Resources that the template has under these parameters, left out or not, but none that a condition takes away.
    wanted: set[str]

    @property
    def routes(self) -> set[str]:
        """The keys of the API's routes, such as `POST /agents`."""
        return {
            resource["Properties"]["RouteKey"] for _, resource in of_type(self.template, "AWS::ApiGatewayV2::Route")
        }


def adapt(built: Path, code: dict[str, str], endpoint: str, parameters: Parameters) -> Adapted:
    """The template at `built` for these parameters, with each function's code at its address in S3."""
    template = translated(built, code, parameters)
    wanted = set(existing(template, parameters))
    left_out = {
        name: entry
        for name, resource in template["Resources"].items()
        for entry in NOT_SUPPORTED
        if entry.applies(resource)
    }
    for change in CHANGES:
        change(template, Context(endpoint, parameters, left_out))
    return Adapted(template, {name: entry for name, entry in left_out.items() if name in wanted}, wanted)


def translated(built: Path, code: dict[str, str], parameters: Parameters) -> Template:
    """Plain CloudFormation of a template of SAM."""
    template = yaml_parse(built.read_text())
    # AWS refuses them too, the emulator does not.
    unknown = set(parameters) - set(template.get("Parameters", {}))
    if unknown:
        raise SystemExit(f"the template has no parameter {', '.join(sorted(unknown))}")
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = code[name]

    class NoManagedPolicies:
        def load(self):
            return {}

    return transform(template, dict(parameters), NoManagedPolicies())


def existing(template: Template, parameters: Parameters) -> Iterator[str]:
    """Resources whose condition holds."""
    values = {name: str(of.get("Default", "")) for name, of in template.get("Parameters", {}).items()} | parameters
    conditions = template.get("Conditions", {})

    def holds(expression) -> bool:
        [(function, operands)] = expression.items()
        match function:
            case "Condition":
                return holds(conditions[operands])
            case "Fn::Not":
                return not holds(operands[0])
            case "Fn::And":
                return all(map(holds, operands))
            case "Fn::Or":
                return any(map(holds, operands))
            case "Fn::Equals":
                left, right = (values[of["Ref"]] if isinstance(of, dict) else str(of) for of in operands)
                return left == right
            case _:
                raise SystemExit(f"{function} in a condition is not understood here (.ci/cloud/template.py, existing)")

    for name, resource in template["Resources"].items():
        if "Condition" not in resource or holds(conditions[resource["Condition"]]):
            yield name


class Context(NamedTuple):
    """What a change may need to know."""

    endpoint: str
    parameters: Parameters
    left_out: dict[str, NotSupported]


def services_at_the_emulator(template: Template, context: Context):
    """The functions' variables name AWS's public addresses; here all services have one address."""
    for variables in environments(template):
        for name in variables:
            if name.startswith("AWS_ENDPOINT_URL"):
                variables[name] = context.endpoint


def webhooks_on_this_machine(template: Template, _context: Context):
    """Deployed functions refuse to post to private addresses, and whoever tries this has no other."""
    for variables in environments(template):
        if "WEBHOOK_TARGETS" in variables:
            variables["WEBHOOK_TARGETS"] = "public-and-loopback"


def routes_of_the_body(template: Template, _context: Context):
    """The emulator does not read the API's `Body` (OpenAPI), in which SAM writes all routes: the stack would be
    complete and each request answered 404. The same routes and integrations become resources of their own."""
    for api, resource in list(of_type(template, "AWS::ApiGatewayV2::Api")):
        properties = resource["Properties"]
        body = properties.pop("Body")
        properties.pop("FailOnWarnings", None)
        properties |= {"Name": body["info"]["title"], "ProtocolType": "HTTP"}
        for path, methods in body["paths"].items():
            for method, operation in methods.items():
                if path.strip("/") == "$default":
                    key = "$default"
                else:
                    key = f"{'ANY' if method == 'x-amazon-apigateway-any-method' else method.upper()} {path}"
                of_openapi = operation["x-amazon-apigateway-integration"]
                name = "".join(word.capitalize() for word in re.findall(r"\w+", key))
                template["Resources"][f"{api}{name}Integration"] = {
                    "Type": "AWS::ApiGatewayV2::Integration",
                    "Properties": {
                        "ApiId": {"Ref": api},
                        "IntegrationType": of_openapi["type"].upper(),
                        "IntegrationMethod": of_openapi["httpMethod"],
                        "IntegrationUri": of_openapi["uri"],
                        "PayloadFormatVersion": of_openapi["payloadFormatVersion"],
                    },
                }
                template["Resources"][f"{api}{name}Route"] = {
                    "Type": "AWS::ApiGatewayV2::Route",
                    "Properties": {
                        "ApiId": {"Ref": api},
                        "RouteKey": key,
                        "Target": {"Fn::Sub": f"integrations/${{{api}{name}Integration}}"},
                    },
                }


def concurrency_as_a_number(template: Template, context: Context):
    """A parameter of type Number arrives as text, and the emulator's poller of the queue fails when it compares it with
    a number: nothing would be delivered."""
    for _, resource in of_type(template, "AWS::Lambda::EventSourceMapping"):
        scaling = resource["Properties"].get("ScalingConfig", {})
        if isinstance(scaling.get("MaximumConcurrency"), dict):
            name = scaling["MaximumConcurrency"]["Ref"]
            scaling["MaximumConcurrency"] = int(
                context.parameters.get(name, template["Parameters"][name].get("Default"))
            )


def batches_of_messages(template: Template, _context: Context):
    """In AWS the right to `sqs:SendMessage` covers SendMessageBatch, for which the emulator asks a right of its own."""
    for statement in statements(template):
        if "sqs:SendMessage" in statement["Action"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            statement["Action"] = [*actions, "sqs:SendMessageBatch"]


def without_what_is_not_supported(template: Template, context: Context):
    """The emulator refuses the whole stack for one resource that it does not know. What refers to one gets its name."""
    for name in context.left_out:
        del template["Resources"][name]

    def of_text(text: str) -> str:
        return re.sub(
            r"\$\{(\w+)((?:\.\w+)?)\}",
            lambda found: found[1] + found[2] if found[1] in context.left_out else found[0],
            text,
        )

    def without_references(value):
        match value:
            case {"Ref": str(name)} if name in context.left_out:
                return name
            case {"Fn::GetAtt": [str(name), str(attribute)]} if name in context.left_out:
                return f"{name}.{attribute}"
            case {"Fn::Sub": str(text)}:
                return {"Fn::Sub": of_text(text)}
            case {"Fn::Sub": [str(text), dict(variables)]}:
                return {"Fn::Sub": [of_text(text), without_references(variables)]}
            case dict():
                return {key: without_references(inner) for key, inner in value.items()}
            case list():
                return [without_references(inner) for inner in value]
            case _:
                return value

    for resource in template["Resources"].values():
        # How CodeDeploy moves an alias.
        resource.pop("UpdatePolicy", None)
        if "DependsOn" in resource:
            on = resource["DependsOn"] if isinstance(resource["DependsOn"], list) else [resource["DependsOn"]]
            resource["DependsOn"] = [name for name in on if name not in context.left_out]
    for section in ("Resources", "Outputs"):
        template[section] = without_references(template.get(section, {}))


CHANGES = [
    services_at_the_emulator,
    webhooks_on_this_machine,
    routes_of_the_body,
    concurrency_as_a_number,
    batches_of_messages,
    without_what_is_not_supported,
]


def of_type(template: Template, resource_type: str) -> Iterator[tuple[str, dict]]:
    """Resources of one type, by their logical ids."""
    for name, resource in template["Resources"].items():
        if resource["Type"] == resource_type:
            yield name, resource


def environments(template: Template) -> Iterator[dict]:
    """The variables of each function that has some."""
    for _, resource in of_type(template, "AWS::Lambda::Function"):
        if "Environment" in resource["Properties"]:
            yield resource["Properties"]["Environment"]["Variables"]


def statements(template: Template) -> Iterator[dict]:
    """The statements of all roles' policies."""
    for _, resource in of_type(template, "AWS::IAM::Role"):
        for policy in resource["Properties"].get("Policies", []):
            yield from policy["PolicyDocument"]["Statement"]
