"""Lets only the page itself talk to its server, and tells the browser to hold the page to that."""

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
"""Nothing from elsewhere, no script or style in the HTML, and no text that becomes HTML."""

_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_READS = ("GET", "HEAD")


class Guard:
    """Refuses requests that another page, or another name for this machine, has caused."""

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        """Stand before an application.

        Args:
            app: gets the requests that are let through.
            hosts: the values of the header `Host` under which it is reached, such as
                `127.0.0.1:8765`.
        """
        self._app, self._hosts = app, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        reason = self._refusal(scope)
        answer = PlainTextResponse(reason, 403) if reason else self._app
        await answer(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> str:
        """Return why a request is refused; empty where it is not."""
        if scope["type"] != "http":
            return "Only HTTP is spoken here."
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        # Another name that leads here may be a page's own: then its scripts would count as ours.
        if host not in self._hosts:
            return f"This library is not at {host!r}."
        if origin is not None and origin != f"http://{host}":
            return f"The page {origin!r} has no access to this library."
        reads = scope["method"] in _READS
        if origin is None and not reads:
            return "A request that changes something says which page it comes from."
        # Pictures and sounds in a page elsewhere come without an origin. A link to us may be there.
        is_link = reads and scope["path"] == "/"
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none") and not is_link:
            return "Another page has no access to this library."
        return ""
