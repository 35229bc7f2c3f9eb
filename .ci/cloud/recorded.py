"""What functions have asked of the table, as the emulator's CloudTrail has recorded it.

The emulator does not look at the partition keys that roles name in their conditions (`dynamodb:LeadingKeys`). Recorded
requests make up for it: each key must be one that a condition allows, and each pattern must be of use.
"""

import json
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from cloud.emulator import Emulator

# As many events as one look-up answers with; there are no further pages.
EVENTS_MAX = 50
# What an item of a transaction asks for.
IN_TRANSACTION = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}
CALLS = ["BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem"]


class Recorder:
    """Requests to the emulator, recorded from now on."""

    def __init__(self, emulator: Emulator):
        self._trail = emulator.client("cloudtrail")
        self._trail.meta.events.register("before-call.cloudtrail.LookupEvents", self._put_times)
        # Functions' access keys, by their roles. Each version of a function has another.
        self._keys: dict[str, set[str]] = defaultdict(set)
        on = json.dumps({"cloudtrail._recording_enabled": "true"}).encode()
        request = urllib.request.Request(f"{emulator.endpoint}/_ministack/config", data=on, method="POST")
        with urllib.request.urlopen(request, timeout=60) as response:
            assert "true" in response.read().decode().lower(), "the emulator does not record requests"

    @contextmanager
    def acting(self, role: str) -> Iterator[None]:
        """Learns by which access keys a role's function signs. Other functions may act meanwhile if they are known."""
        since = time.time()
        yield
        known = {key for keys in self._keys.values() for key in keys}
        # Root's key, which is no role's, has another form.
        keys = {event["AccessKeyId"] for event in self._events(since) if event["AccessKeyId"].startswith("ASIA")}
        self._keys[role] |= keys - known

    def partitions(self, role: str, since: float) -> dict[str, set[str]]:
        """By action, the partition keys that a role's function has asked for since a time in seconds."""
        asked = defaultdict(set)
        for event in self._events(since):
            if event["AccessKeyId"] in self._keys[role]:
                parameters = json.loads(event["CloudTrailEvent"])["requestParameters"]
                for action, key in of_request(event["EventName"], parameters):
                    asked[f"dynamodb:{action}"].add(key)
        return asked

    def _events(self, since: float) -> list[dict]:
        """What was asked of the table since a time in seconds."""
        until = time.time()
        return [event for call in CALLS for event in self._looked_up(call, since, until)]

    def _looked_up(self, call: str, since: float, until: float) -> list[dict]:
        """The calls of a kind between two times: those of each half, if there are more than an answer has."""
        self._times = {"StartTime": since, "EndTime": until}
        by_name = [{"AttributeKey": "EventName", "AttributeValue": call}]
        events = self._trail.lookup_events(LookupAttributes=by_name)["Events"]
        if len(events) < EVENTS_MAX:
            return events
        assert until - since > 0.001, f"more {call} in a millisecond than can be looked up"
        middle = (since + until) / 2
        return self._looked_up(call, since, middle) + self._looked_up(call, middle, until)

    def _put_times(self, params: dict, **_):
        """Puts the times into a request as they are: the SDK would cut them off to seconds."""
        params["body"] = json.dumps(json.loads(params["body"]) | self._times).encode()


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
