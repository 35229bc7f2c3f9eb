"""Takes each right away from its role in a deployed stack: what needs it must fail, and nothing else.

So no role has a right that nothing needs. Then each role tries what only others may do, or nobody, and is refused.
"""

import collections
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from cloud.calls import announce_and_deliver
from cloud.checking import arguments, deployed_stack
from cloud.emulator import Emulator
from cloud.greenroom import Greenroom
from cloud.probes import ALWAYS_REFUSED, NOT_THERE, PROBES, is_refused
from cloud.recorded import Recorder
from cloud.rights import NOBODY, OTHER_ROLES, ROLES
from cloud.stack import Role, Stack
from cloud.template import Template, of_type
from cloud.uses import announced, delivered, log_events, off, restart

# In AWS one right is for both; template.batches_of_messages gives the emulator the second.
COVERED_BY = {"sqs:SendMessageBatch": "sqs:SendMessage"}


def main():
    given = arguments(__doc__)
    with Emulator(given.ministack, given.scratch) as emulator, deployed_stack(emulator) as (stack, deployed):
        check(stack, deployed.template, given.admin.absolute())


def check(stack: Stack, template: Template, admin: Path):
    roles = deployed_roles(stack, template)
    check_rows(template, roles)
    # In the order of the table, in which a function comes after those that its uses' preparation needs.
    roles = {name: roles[name] for name in ROLES}
    greenroom = Greenroom(stack, admin)
    check_with_all_rights(greenroom, roles)
    wrong = []
    for name, role in roles.items():
        # All that is wrong is told at once: the check takes minutes.
        try:
            check_role(greenroom, name, role)
        except AssertionError as error:
            wrong.append(str(error))
    assert not wrong, "\n".join(wrong)
    check_what_is_not_enforced(greenroom, roles)
    check_refusals(greenroom, roles)


class DeployedRole:
    """A role of the stack, whose policies can be changed while the stack runs."""

    def __init__(self, stack: Stack, resource: dict, role: Role, function: str):
        self.name, self._policies = role
        self.function, self._iam = function, stack.emulator.client("iam")
        # By right, the ARN of its resource.
        self.rights: dict[str, str] = {}
        # For statements under a condition, their actions and the patterns of partition keys that it allows.
        self.conditions: list[tuple[list[str], list[str]]] = []
        # By right, the places in the policies that allow it.
        self._places: dict[str, list[tuple[str, int, str]]] = collections.defaultdict(list)
        for policy in resource["Properties"]["Policies"]:
            policy_name = policy["PolicyName"]
            for place, statement in enumerate(policy["PolicyDocument"]["Statement"]):
                if "Condition" in statement:
                    match statement["Condition"]:
                        case {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [*patterns]}}:
                            self.conditions.append((listed(statement["Action"]), patterns))
                        case other:
                            raise AssertionError(f"{self.name}: the condition {other} is not understood here")
                assert statement["Effect"] == "Allow", f"{self.name}: {statement} is not understood here"
                arns = listed(self._policies[policy_name]["Statement"][place]["Resource"])
                for action in listed(statement["Action"]):
                    for resource_of, arn in zip(listed(statement["Resource"]), arns, strict=True):
                        right = f"{COVERED_BY.get(action, action)} {named(resource_of)}"
                        self.rights[right] = arn
                        self._places[right].append((policy_name, place, action))

    @contextmanager
    def without(self, rights: list[str]) -> Iterator[None]:
        """The role has those rights no more, for as long as the `with` lasts."""
        changed = json.loads(json.dumps(self._policies))
        for right in rights:
            for policy, place, action in self._places[right]:
                statement = changed[policy]["Statement"][place]
                assert len(listed(statement["Resource"])) == 1, f"{self.name}: one statement for one resource, please"
                left = [kept for kept in listed(statement["Action"]) if kept != action]
                # A statement without an action is not allowed; one of an unknown action allows nothing.
                statement["Action"] = left or ["none:Nothing"]
        try:
            self._put(changed)
            yield
        finally:
            self._put(self._policies)

    @contextmanager
    def credentials(self, emulator: Emulator) -> Iterator[dict[str, str]]:
        """Credentials of this role. Anybody may assume it for as long as the `with` lasts."""
        role = self._iam.get_role(RoleName=self.name)["Role"]
        trust = role["AssumeRolePolicyDocument"]
        anybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
        self._trust(trust | {"Statement": [*trust["Statement"], anybody]})
        try:
            assumed = emulator.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="rights")["Credentials"]
            yield {
                "AWS_ACCESS_KEY_ID": assumed["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": assumed["SecretAccessKey"],
                "AWS_SESSION_TOKEN": assumed["SessionToken"],
            }
        finally:
            self._trust(trust)

    def _trust(self, document: dict):
        self._iam.update_assume_role_policy(RoleName=self.name, PolicyDocument=json.dumps(document))

    def _put(self, policies: dict[str, dict]):
        for name, document in policies.items():
            self._iam.put_role_policy(RoleName=self.name, PolicyName=name, PolicyDocument=json.dumps(document))


def deployed_roles(stack: Stack, template: Template) -> dict[str, DeployedRole]:
    """The functions' roles by logical id. Each belongs to one function, so that only that can miss a right of it."""
    functions = collections.defaultdict(list)
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Lambda::Function":
            functions[named(resource["Properties"]["Role"])].append(name)
    resources, deployed, roles = stack.resources(), stack.roles(), {}
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::IAM::Role" and name in functions:
            assert len(functions[name]) == 1, f"{name} is the role of several functions: {functions[name]}"
            function = resources[functions[name][0]]["PhysicalResourceId"]
            roles[name] = DeployedRole(stack, resource, deployed[name], function)
    return roles


def check_rows(template: Template, roles: dict[str, DeployedRole]):
    """The template's rights are those of `rights.ROLES`, and its other roles those of `rights.OTHER_ROLES`."""
    wrong = []
    others = {name for name, _ in of_type(template, "AWS::IAM::Role")} - set(roles)
    wrong += [f"{name} is no function's role, and nothing says whose" for name in sorted(others - OTHER_ROLES.keys())]
    wrong += [f"{name} is not in the template" for name in sorted(OTHER_ROLES.keys() - others)]
    for name in sorted(roles.keys() | ROLES.keys()):
        wanted = set(ROLES[name].needed_by) | set(ROLES[name].not_enforced) if name in ROLES else set()
        had = set(roles[name].rights) if name in roles else set()
        for right in sorted(had - wanted):
            wrong.append(f"{name}: {right} is in the template, and nothing says what needs it")
        for right in sorted(wanted - had):
            wrong.append(f"{name}: {right} is not in the template")
    assert not wrong, "\n".join(["the template's rights and .ci/cloud/rights.py differ:", *wrong])


def check_with_all_rights(greenroom: Greenroom, roles: dict[str, DeployedRole]):
    """Every use succeeds, and asks for the partition keys of its role's conditions."""
    recorder = Recorder(greenroom.stack.emulator)
    with off(greenroom, "DeliverWebhookQueueId"):
        with off(greenroom, "PublishEventsStreamId"):
            for name in roles:
                with ExitStack() as later:
                    use = ROLES[name].uses[0](greenroom, later)
                    with recorder.acting(name):
                        use()
        # By their mappings they act under further keys.
        with recorder.acting("PublishEventsRole"):
            event = announced(greenroom)
    with recorder.acting("DeliverWebhookRole"):
        delivered(greenroom, event)
    wrong = []
    for name, role in roles.items():
        since = time.time()
        with recorder.acting(name):
            failed = failing(greenroom, name, role, without=[])
        wrong += [f"{name}: with all its rights, this fails: {failed}"] if failed else []
        wrong += conditions_at_fault(name, role, recorder.partitions(name, since))
    assert not wrong, "\n".join(wrong)
    print(f"    with all rights, {sum(len(role.uses) for role in ROLES.values())} uses succeed", flush=True)


def check_role(greenroom: Greenroom, name: str, role: DeployedRole):
    """Without each right exactly the uses that need it fail."""
    began = time.monotonic()
    for right, needed_by in ROLES[name].needed_by.items():
        since = time.time()
        failed = failing(greenroom, name, role, without=[right])
        wanted = {use.__name__ for use in needed_by}
        assert wanted, f"{name}: {right} is needed by nothing, says .ci/cloud/rights.py"
        assert failed, (
            f"{name}: without {right} nothing fails: it is too much in template.yaml, or what needs it is not tried"
        )
        assert failed.keys() == wanted, (
            f"{name}: without {right} {sorted(failed)} fail, and {sorted(wanted)} should: {failed}"
        )
        # Nothing else than the missing right was the reason.
        action = right.split()[0]
        assert any(f"perform: {action}" in line for line in log_events(greenroom, role.function, since)), (
            f"{name}: without {right} {sorted(failed)} fail, but not for want of it, says the function's log: {failed}"
        )
    count, took = len(ROLES[name].needed_by), time.monotonic() - began
    print(f"    {name}: {count} rights, each needed by what it should be ({took:.1f} s)", flush=True)


def conditions_at_fault(name: str, role: DeployedRole, asked: dict[str, set[str]]) -> list[str]:
    """What is wrong with the conditions of a role, of which the emulator does not take notice: what the function asked for
    must be allowed by them, and each pattern must be of use."""
    wrong = []
    conditional = {action for actions, _ in role.conditions for action in actions}
    for action in conditional:
        patterns = {pattern for actions, of in role.conditions if action in actions for pattern in of}
        refused = {key for key in asked[action] if not any(fnmatchcase(key, pattern) for pattern in patterns)}
        if refused:
            wrong.append(f"{name}: AWS would refuse {action} of {refused}, which {sorted(patterns)} do not allow")
    for actions, patterns in role.conditions:
        keys = {key for action in actions for key in asked[action]}
        idle = [pattern for pattern in patterns if not any(fnmatchcase(key, pattern) for key in keys)]
        if idle:
            wrong.append(f"{name}: no {' or '.join(actions)} asks for {idle}: too much, or what needs it is not tried")
    return wrong


def failing(greenroom: Greenroom, name: str, role: DeployedRole, without: list[str]) -> dict[str, str]:
    """The role's uses that fail without some rights, each with how."""
    failed = {}
    with ExitStack() as later, off(greenroom, ROLES[name].mapping):
        prepared = [(use.__name__, use(greenroom, later)) for use in ROLES[name].uses]
        restart(greenroom, role.function)
        with role.without(without):
            for name, use in prepared:
                try:
                    use()
                except AssertionError as error:
                    failed[name] = str(error)
    return failed


def check_what_is_not_enforced(greenroom: Greenroom, roles: dict[str, DeployedRole]):
    """Without any of the rights of which that is said, everything works."""
    for name, role in roles.items():
        rights = list(ROLES[name].not_enforced)
        failed = failing(greenroom, name, role, without=rights)
        assert not failed, f"{name}: one of these is enforced, against what is said of it: {rights}: {failed}"
    with ExitStack() as later:
        for name, role in roles.items():
            later.enter_context(role.without(list(ROLES[name].not_enforced)))
        announce_and_deliver(greenroom)
    reasons = collections.defaultdict(set)
    for role in ROLES.values():
        for right, reason in role.not_enforced.items():
            reasons[reason].add(right.split()[0])
    print("    of these it can't be seen here that they are needed; without all of them nothing fails:")
    for reason, actions in reasons.items():
        print(f"      - {', '.join(sorted(actions))}: {reason}")


def check_refusals(greenroom: Greenroom, roles: dict[str, DeployedRole]):
    """Each role may do what it has the right to, and is refused everything that another role may, or nobody."""
    emulator = greenroom.stack.emulator
    arns = {right.split()[1]: arn for role in roles.values() for right, arn in role.rights.items()}
    rights = sorted({right for role in roles.values() for right in role.rights} | set(NOBODY))
    unknown = {right.split()[0] for right in rights} - PROBES.keys() - NOT_THERE
    assert not unknown, f"say in .ci/cloud/probes.py how these are tried: {sorted(unknown)}"
    rights = [right for right in rights if right.split()[0] not in NOT_THERE]

    def may_not(client) -> set[str]:
        refused = set()
        for right in rights:
            action, resource = right.split()
            if is_refused(client, emulator.client, action, arns[resource]):
                refused.add(right)
        return refused

    refused = may_not(emulator.client)
    assert not refused, f"root is refused, so these calls of .ci/cloud/probes.py are wrong: {refused}"
    for name, role in roles.items():
        with role.credentials(emulator) as credentials:
            refused = may_not(partial(emulator.client, credentials=credentials))
        allowed = set(rights) - refused
        wanted = {right for right in rights if right in role.rights and right.split()[0] not in ALWAYS_REFUSED}
        assert allowed == wanted, (
            f"{name}: may {sorted(allowed - wanted)}, which it should not, and may not {sorted(wanted - allowed)}"
            " (if conditions are the reason: the emulator sees them meanwhile)"
        )
        print(f"    {name}: does what {len(allowed)} rights are for, and is refused {len(refused)} others", flush=True)
    reasons = collections.defaultdict(list)
    for action, reason in ALWAYS_REFUSED.items():
        reasons[reason].append(action)
    for name, reason in OTHER_ROLES.items():
        print(f"    {name}: not tried, {reason}")
    print("    of these it can't be seen here that only those who may are let through:")
    for reason, actions in reasons.items():
        print(f"      - {', '.join(actions)}: {reason}")
    print(f"      - {', '.join(sorted(NOT_THERE))}: the emulator does not have them")
    print("    conditions on dynamodb:LeadingKeys are not enforced, but compared with what was asked for:")
    for name, role in roles.items():
        for actions, patterns in role.conditions:
            print(f"      - {name}: {', '.join(actions)} of {', '.join(patterns)}")


def named(resource: object) -> str:
    """A resource as a template refers to it: `Table` for its ARN, `Table.StreamArn`, `DiscardedBatches/*`. Of two under
    a condition it is the one that the default parameters give.
    """
    match resource:
        case {"Fn::If": [_, _, otherwise]}:
            return named(otherwise)
        case {"Fn::GetAtt": [*names]}:
            name = ".".join(names)
        case {"Fn::GetAtt": str(name)} | {"Ref": str(name)}:
            pass
        case {"Fn::Sub": [str(text), dict(variables)]}:
            name = text
            for variable, value in variables.items():
                name = name.replace(f"${{{variable}}}", named(value))
        case {"Fn::Sub": str(text)}:
            name = text.replace("${", "").replace("}", "")
        case _:
            name = str(resource)
    return name.replace(".Arn", "")


def listed(value: object) -> list:
    """What a policy may write as one thing or as a list."""
    return value if isinstance(value, list) else [value]


if __name__ == "__main__":
    main()
