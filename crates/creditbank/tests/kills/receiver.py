"""A webhook receiver as a school would write it, with the standardwebhooks package.

Prints the port it listens at, then one JSON line a request. Its only argument is a file: the
secrets by which it verifies, one a line. Without any it is not ready, and says 503.
"""

import json
import pathlib
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

SECRETS = pathlib.Path(sys.argv[1])
ONE_LINE_AT_A_TIME = threading.Lock()


def verifies(secret, body, headers):
    try:
        Webhook(secret).verify(body, headers)
        return True
    except WebhookVerificationError:
        return False


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        secrets = SECRETS.read_text().split()
        headers = dict(self.headers)
        by = [verifies(secret, body, headers) for secret in secrets]
        tampered = any(verifies(secret, body + b" ", headers) for secret in secrets)
        status = 204 if any(by) else 503 if not secrets else 401
        line = {
            "webhook_id": self.headers["webhook-id"],
            "content_type": self.headers["content-type"],
            "verified_by": by,
            "tampered": tampered,
            "status": status,
            "body": json.loads(body),
        }
        with ONE_LINE_AT_A_TIME:
            print(json.dumps(line), flush=True)
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
print(server.server_address[1], flush=True)
server.serve_forever()
