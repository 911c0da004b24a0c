"""A small OpenID provider: discovery, authorisation with PKCE, signed tokens, userinfo."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "ksi", "en hemlighet"


class Provider:
    """What it answers can be changed while it runs."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.claims: dict[str, Any] = {
            "sub": "a-1",
            "email": "anna@example.org",
            "email_verified": True,
            "name": "Anna Exempel",
        }
        self.token_claims: dict[str, Any] = {}  # what differs in the token
        self.refuses = ""  # an error instead of a code
        self.codes: dict[str, str] = {}  # code → PKCE challenge
        self.asked: list[str] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def jwks(self) -> dict[str, Any]:
        numbers = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [numbers | {"kid": "1", "use": "sig", "alg": "RS256"}]}

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is sent back; the person has said yes."""
        assert query["client_id"] == CLIENT
        assert query["response_type"] == "code"
        assert {"openid", "email"} <= set(query["scope"].split())
        told = {"state": query["state"]}
        if self.refuses:
            return f"{query['redirect_uri']}?{urlencode(told | {'error': self.refuses})}"
        code = f"code-{len(self.codes)}"
        self.codes[code] = query["code_challenge"]
        return f"{query['redirect_uri']}?{urlencode(told | {'code': code})}"

    def token(self, sent: dict[str, str]) -> dict[str, Any] | None:
        """A signed token for a code that is used once by who began."""
        challenge = self.codes.pop(sent.get("code", ""), None)
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        proved = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        known = (sent.get("client_id"), sent.get("client_secret")) == (CLIENT, SECRET)
        if not known or challenge != proved:
            return None
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300}
        signed = jwt.encode(
            claims | self.claims | self.token_claims, self.key, "RS256", headers={"kid": "1"}
        )
        return {"access_token": "t", "token_type": "Bearer", "expires_in": 300, "id_token": signed}

    def handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self, told: Any, status: int = 200) -> None:
                content = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                provider.asked.append(parts.path)
                if parts.path == "/.well-known/openid-configuration":
                    self.answer(provider.discovery())
                elif parts.path == "/jwks":
                    self.answer(provider.jwks())
                elif parts.path == "/userinfo" and self.headers["Authorization"] == "Bearer t":
                    self.answer(provider.claims)
                elif parts.path == "/authorize":
                    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                    self.send_response(302)
                    self.send_header("Location", provider.authorize(query))
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                else:
                    self.answer({"error": "not found"}, 404)

            def do_POST(self) -> None:
                provider.asked.append(self.path)
                raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
                sent = {name: values[0] for name, values in parse_qs(raw).items()}
                told = provider.token(sent)
                self.answer(told or {"error": "invalid_grant"}, 200 if told else 400)

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        return Handler

    def settings(self, **app: Any) -> dict[str, Any]:
        """SOCIALACCOUNT_PROVIDERS as the environment would make it."""
        return {
            "openid_connect": {
                "OAUTH_PKCE_ENABLED": True,
                "APPS": [
                    {
                        "provider_id": "sso",
                        "name": "Stadens konto",
                        "client_id": CLIENT,
                        "secret": SECRET,
                        "settings": {
                            "server_url": self.issuer,
                            "email_authentication": True,
                            "verified_email": ["example.org"],
                        }
                        | app,
                    }
                ],
            }
        }


@contextmanager
def running_provider() -> Iterator[Provider]:
    """A provider on a free port until the block ends."""
    provider = Provider()
    thread = threading.Thread(target=provider.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.server.shutdown()
        provider.server.server_close()
        thread.join()
