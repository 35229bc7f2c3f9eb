"""For each action a call that asks for it and changes nothing, so that a role can be asked what it may do.

A call that is let through fails for another reason, or finds nothing. Neither matters: only a refusal counts.
"""

from collections.abc import Callable

from botocore.exceptions import ClientError

# The codes by which services refuse.
REFUSALS = {"AccessDenied", "AccessDeniedException"}
# A key that no role's condition on dynamodb:LeadingKeys allows.
NO_KEY = {"PK": {"S": "NOBODYS#0"}, "SK": {"S": "NOBODYS"}}
# Never true of what does not exist.
EXISTS = "attribute_exists(PK)"


def of_table(call: Callable) -> Callable:
    """A call of a table that has an ARN."""
    return lambda client, root, arn: call(client("dynamodb"), arn.split("/")[1])


def query(db, table: str, _: str = "", index: str = ""):
    """Queries a table, or an index of it."""
    of_index = {"IndexName": index} if index else {}
    db.query(
        TableName=table, KeyConditionExpression=f"{index}PK = :none",
        ExpressionAttributeValues={":none": NO_KEY["PK"]}, **of_index,
    )


def of_queue(call: Callable) -> Callable:
    """A call of a queue that has an ARN."""
    return lambda client, root, arn: call(
        client("sqs"), root("sqs").get_queue_url(QueueName=arn.split(":")[-1])["QueueUrl"]
    )


def of_bucket(call: Callable) -> Callable:
    """A call of a bucket that has an ARN."""
    return lambda client, root, arn: call(client("s3"), arn.split(":")[-1].split("/")[0])


def of_log_group(call: Callable) -> Callable:
    """A call of a log group that has an ARN."""
    return lambda client, root, arn: call(client("logs"), arn.split(":")[6])


def first_shard(root: Callable, stream: str) -> dict:
    [shard, *_] = root("dynamodbstreams").describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    return {"StreamArn": stream, "ShardId": shard["ShardId"], "ShardIteratorType": "LATEST"}


# `client` and `root` make a client of a service: with the rights that are asked about, and with all.
PROBES: dict[str, Callable] = {
    "dynamodb:BatchGetItem": of_table(lambda db, table: db.batch_get_item(RequestItems={table: {"Keys": [NO_KEY]}})),
    "dynamodb:ConditionCheckItem": of_table(lambda db, table: db.transact_write_items(
        TransactItems=[{"ConditionCheck": {"TableName": table, "Key": NO_KEY, "ConditionExpression": EXISTS}}]
    )),
    "dynamodb:DeleteItem": of_table(lambda db, table: db.delete_item(
        TableName=table, Key=NO_KEY, ConditionExpression=EXISTS
    )),
    "dynamodb:GetItem": of_table(lambda db, table: db.get_item(TableName=table, Key=NO_KEY)),
    "dynamodb:PutItem": of_table(lambda db, table: db.put_item(
        TableName=table, Item=NO_KEY, ConditionExpression=EXISTS
    )),
    "dynamodb:Query": lambda client, root, arn: query(client("dynamodb"), *arn.split("/")[1:]),
    "dynamodb:Scan": of_table(lambda db, table: db.scan(TableName=table, Limit=1)),
    "dynamodb:UpdateItem": of_table(lambda db, table: db.update_item(
        TableName=table, Key=NO_KEY, UpdateExpression="REMOVE nothing", ConditionExpression=EXISTS
    )),
    "dynamodb:DescribeStream": lambda client, root, arn: client("dynamodbstreams").describe_stream(StreamArn=arn),
    "dynamodb:GetRecords": lambda client, root, arn: client("dynamodbstreams").get_records(
        ShardIterator=root("dynamodbstreams").get_shard_iterator(**first_shard(root, arn))["ShardIterator"]
    ),
    "dynamodb:GetShardIterator": lambda client, root, arn: client("dynamodbstreams").get_shard_iterator(
        **first_shard(root, arn)
    ),
    "dynamodb:ListStreams": lambda client, root, arn: client("dynamodbstreams").list_streams(
        TableName=arn.split("/")[1]
    ),
    "kms:Decrypt": lambda client, root, arn: client("kms").decrypt(
        CiphertextBlob=root("kms").generate_data_key(KeyId=arn, KeySpec="AES_256")["CiphertextBlob"]
    ),
    "kms:Encrypt": lambda client, root, arn: client("kms").encrypt(KeyId=arn, Plaintext=b"nothing"),
    "kms:GenerateDataKey": lambda client, root, arn: client("kms").generate_data_key(KeyId=arn, KeySpec="AES_256"),
    # A name that no stream may have.
    "logs:CreateLogStream": of_log_group(lambda logs, group: logs.create_log_stream(
        logGroupName=group, logStreamName="no:stream"
    )),
    "logs:PutLogEvents": of_log_group(lambda logs, group: logs.put_log_events(
        logGroupName=group, logStreamName="none", logEvents=[{"timestamp": 0, "message": "nothing"}]
    )),
    "s3:GetObject": of_bucket(lambda s3, bucket: s3.get_object(Bucket=bucket, Key="nothing")),
    "s3:ListBucket": of_bucket(lambda s3, bucket: s3.list_objects_v2(Bucket=bucket, MaxKeys=1)),
    # A checksum that is not the body's.
    "s3:PutObject": of_bucket(lambda s3, bucket: s3.put_object(
        Bucket=bucket, Key="nothing", Body=b"nothing", ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg=="
    )),
    "sqs:ChangeMessageVisibility": of_queue(lambda sqs, queue: sqs.change_message_visibility(
        QueueUrl=queue, ReceiptHandle="none", VisibilityTimeout=0
    )),
    "sqs:DeleteMessage": of_queue(lambda sqs, queue: sqs.delete_message(QueueUrl=queue, ReceiptHandle="none")),
    "sqs:GetQueueAttributes": of_queue(lambda sqs, queue: sqs.get_queue_attributes(QueueUrl=queue)),
    # More messages than can be asked for.
    "sqs:ReceiveMessage": of_queue(lambda sqs, queue: sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=11)),
    # A longer delay than there may be.
    "sqs:SendMessage": of_queue(lambda sqs, queue: sqs.send_message(
        QueueUrl=queue, MessageBody="nothing", DelaySeconds=901
    )),
    "sqs:PurgeQueue": of_queue(lambda sqs, queue: sqs.purge_queue(QueueUrl=queue)),
}

NO_STREAM = "the emulator forgets which stream is asked for"
NO_TLS = "the emulator speaks plain HTTP, which the bucket's policy refuses"
NO_GROUP = "the emulator compares log groups without the `:*` of their ARNs"

# Actions that the emulator refuses even to those who may, with the reason. The check makes sure of that.
ALWAYS_REFUSED = {
    "dynamodb:DescribeStream": NO_STREAM,
    "dynamodb:GetRecords": NO_STREAM,
    "dynamodb:GetShardIterator": NO_STREAM,
    "dynamodb:ListStreams": NO_STREAM,
    "logs:CreateLogStream": NO_GROUP,
    "logs:PutLogEvents": NO_GROUP,
    "s3:GetObject": NO_TLS,
    "s3:ListBucket": NO_TLS,
    "s3:PutObject": NO_TLS,
}

# Actions of services that the emulator does not have.
NOT_THERE = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}


def is_refused(client: Callable, root: Callable, action: str, arn: str) -> bool:
    """Whether the owner of those clients may not do it."""
    try:
        PROBES[action](client, root, arn)
    except ClientError as error:
        return error.response["Error"]["Code"] in REFUSALS
    return False
