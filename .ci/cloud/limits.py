"""What a deployment in the emulator can't show, so that nobody takes a passed run for more than it is.

Each was seen in MiniStack 1.5.33. Resources that it does not take at all stand in `template.NOT_SUPPORTED`, and what is
changed for its sake in `template.CHANGES`.
"""

CANNOT_SHOW = [
    "conditions on dynamodb:LeadingKeys: a statement holds for the whole table (check_rights compares them with the "
    "keys that functions have asked for)",
    "rights that AWS uses on a function's behalf: reading the stream, receiving from the queue, writing logs and "
    "traces, keeping discarded batches; and that the gateway may call the functions",
    "what Lambda does with failing batches of the stream: repeating a part, halves, the bucket of discarded batches "
    "(check_page puts batches there itself)",
    "throttling, and whatever else the gateway answers by itself; its access log is not written",
    "alarms going off: the only metrics are Lambda's own, none of gateway, table, queues and log lines",
    "memory, processor and time of a function, cold starts, concurrency, arm64",
    "TLS to AWS's services: the functions speak plain HTTP to the emulator",
    "the domain, its certificate and its record",
    "the stage in the events' path: the gateway leaves it out, where AWS sends /v1/agents (events/ has such an event)",
]
