"""What functions have asked of the table, as the emulator's CloudTrail has recorded it.

The emulator does not look at the partition keys that roles name in their conditions (`dynamodb:LeadingKeys`). Recorded
requests make up for it: each key must be one that a condition allows, and each pattern must be of use.
"""

import json
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from cloud.emulator import Emulator

# As many events as one look-up answers with; there are no further pages.
EVENTS_MAX = 50
# What an item of a transaction asks for.
IN_TRANSACTION = {"ConditionCheck": "ConditionCheckItem", "Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem"}
CALLS = ["BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem"]


class Recorder:
    """Requests to the emulator, recorded from now on."""

    def __init__(self, emulator: Emulator):
        self._trail = emulator.client("cloudtrail")
        # Functions' access keys, by their roles.
        self._keys: dict[str, str] = {}
        on = json.dumps({"cloudtrail._recording_enabled": "true"}).encode()
        request = urllib.request.Request(f"{emulator.endpoint}/_ministack/config", data=on, method="POST")
        with urllib.request.urlopen(request, timeout=60) as response:
            assert "true" in response.read().decode().lower(), "the emulator does not record requests"

    @contextmanager
    def acting(self, role: str) -> Iterator[None]:
        """Learns by which access key a role's function signs; no function unknown by now may act meanwhile."""
        before = {event["EventId"] for event in self._events()}
        yield
        since = [event for event in self._events() if event["EventId"] not in before]
        # Those of roles; root's key has another form.
        new = {event["AccessKeyId"] for event in since if event["AccessKeyId"].startswith("ASIA")}
        new -= set(self._keys.values())
        assert len(new) <= 1, f"{role}: several functions acted: {new}"
        self._keys |= {role: key for key in new}

    def partitions(self, role: str, since: float) -> dict[str, set[str]]:
        """By action, the partition keys that a role's function has asked for since a time in seconds."""
        asked = defaultdict(set)
        for call in CALLS if role in self._keys else []:
            events = self._events(AccessKeyId=self._keys[role], EventName=call, since=since)
            assert len(events) < EVENTS_MAX, f"{role}: more {call} than can be looked up at once"
            for event in events:
                for action, key in of_request(call, json.loads(event["CloudTrailEvent"])["requestParameters"]):
                    asked[f"dynamodb:{action}"].add(key)
        return asked

    def _events(self, since: float | None = None, **attributes: str) -> list[dict]:
        """The last events with these attributes."""
        return self._trail.lookup_events(
            LookupAttributes=[{"AttributeKey": name, "AttributeValue": value} for name, value in attributes.items()],
            **({} if since is None else {"StartTime": since}),
        )["Events"]


def of_request(call: str, asked: dict) -> Iterator[tuple[str, str]]:
    """The actions of a request, each with its partition key."""
    match call:
        case "BatchGetItem":
            for table in asked["RequestItems"].values():
                yield from ((call, key["PK"]["S"]) for key in table["Keys"])
        case "TransactWriteItems":
            for item in asked["TransactItems"]:
                for kind, of in item.items():
                    yield IN_TRANSACTION[kind], (of.get("Key") or of["Item"])["PK"]["S"]
        case "Query":
            yield call, asked["ExpressionAttributeValues"][":partition"]["S"]
        case _:
            yield call, (asked.get("Key") or asked["Item"])["PK"]["S"]
