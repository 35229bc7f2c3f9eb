"""An endpoint on this machine that webhooks post to, and that verifies what arrives with somebody else's library."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from standardwebhooks import Webhook, WebhookVerificationError

# Seconds. Only what never comes takes longer, however busy the machine is.
ARRIVAL_TIMEOUT_S = 90


class Post(NamedTuple):
    """What arrived at one path."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def payload(self) -> dict:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        try:
            Webhook(secret).verify(self.body.decode(), self.headers)
        except WebhookVerificationError:
            return False
        return True


class Receiver:
    """The endpoint. It answers 204, with these exceptions:

    - the first post to a path below /failing: 500;
    - every post to a path below /answers/410 (or another status): that;
    - below /answers/500/together the same, but only once two posts to that path have come.
    """

    def __init__(self):
        self._posts: list[Post] = []
        self._changed = threading.Condition()
        receiver = self

        class Endpoint(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                post = Post(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                self.send_response(receiver._take(post))
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def arrived(self, path: str, count: int, where: Callable[[Post], bool] = lambda _: True) -> list[Post]:
        """Waits for so many posts to a path, those that `where` selects; answers with all that have come by then."""
        deadline = time.monotonic() + ARRIVAL_TIMEOUT_S
        with self._changed:
            while True:
                found = [post for post in self._posts if post.path == path and where(post)]
                left = deadline - time.monotonic()
                if len(found) >= count:
                    return found
                if left <= 0:
                    raise AssertionError(f"{len(found)} of {count} posts arrived at {path} in {ARRIVAL_TIMEOUT_S} s")
                self._changed.wait(left)

    def _take(self, post: Post) -> int:
        with self._changed:
            first = all(earlier.path != post.path for earlier in self._posts)
            self._posts.append(post)
            self._changed.notify_all()
        match post.path.split("/"):
            case ["", "failing", *_] if first:
                return 500
            case ["", "answers", status, "together", *_]:
                self.arrived(post.path, 2)
                return int(status)
            case ["", "answers", status, *_]:
                return int(status)
            case _:
                return 204
