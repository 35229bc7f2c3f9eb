"""The emulator (MiniStack) with nothing in it, and clients of its services."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import boto3
from botocore.config import Config

REGION = "eu-central-1"
# The emulator's root user, who may do everything.
ROOT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
# Seconds. It starts in two; a busy machine takes longer.
START_TIMEOUT_S = 90
# Seconds. The first call of a service loads it.
CALL_TIMEOUT_S = 60
# Seconds to end by itself, before it is killed.
STOP_TIMEOUT_S = 10


class Emulator:
    """A running emulator, for as long as the `with` lasts. Its data, code and log are in `folder`.

    It asks for each call's rights (AUTH), so functions can do what their roles allow, and no more.
    """

    def __init__(self, program: str, folder: Path, port: int = 0):
        self.port = port or free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.log = folder / "ministack.log"
        self._program, self._folder = program, folder

    def __enter__(self):
        # Whatever asks this program to end lets it end the emulator first, also in the background of a shell, where
        # SIGINT would be ignored.
        for end in (signal.SIGINT, signal.SIGTERM):
            signal.signal(end, signal.default_int_handler)
        self._folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("w") as log:
            # In a process group of its own, because it starts the functions' processes, which end with it.
            self._process = subprocess.Popen(
                [self._program],
                env={"PATH": os.environ["PATH"], "HOME": str(self._folder), "TMPDIR": str(self._folder)} | {
                    "AUTH": "true",
                    "BIND_HOST": "127.0.0.1",
                    "GATEWAY_PORT": str(self.port),
                    "MINISTACK_REGION": REGION,
                },
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for wish in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, wish)
                self._process.wait(STOP_TIMEOUT_S)
            except ProcessLookupError:
                return
            except subprocess.TimeoutExpired:
                continue

    def _wait_until_it_answers(self):
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise SystemExit(f"the emulator does not start:\n{self.log.read_text()}")

    def client(self, service: str, credentials: dict[str, str] = ROOT):
        """A client of one service, with root's rights or those of other credentials."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=credentials.get("AWS_SESSION_TOKEN"),
            config=Config(
                connect_timeout=5,
                read_timeout=CALL_TIMEOUT_S,
                retries={"total_max_attempts": 3, "mode": "standard"},
                s3={"addressing_style": "path"},
            ),
        )

    def environment(self) -> dict[str, str]:
        """What the AWS CLI, the SAM CLI and `admin` need to know of it."""
        return ROOT | {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL": self.endpoint}


def free_port() -> int:
    """A TCP port of 127.0.0.1 that is free."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
