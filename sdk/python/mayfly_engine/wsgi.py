"""Applications of WSGI (PEP 3333)."""

import io
import sys
from urllib.parse import unquote_to_bytes


def wsgi(app):
    async def answer(received, start, write):
        written = []

        def start_response(status, headers, exc_info=None):
            if exc_info is not None and written:
                raise exc_info[1].with_traceback(exc_info[2])
            code, _, _ = status.partition(" ")
            head[:] = [int(code), list(headers)]
            return written.append

        head = []
        result = app(_environ(received), start_response)
        try:
            if head and not written and isinstance(result, (list, tuple)):
                _, headers = head
                if not any(name.lower() == "content-length" for name, _ in headers):
                    headers.append(("content-length", str(sum(map(len, result)))))
            for piece in result:
                if not piece and not written:
                    continue
                if not head:
                    raise TypeError("The application wrote before it called start_response")
                start(*head)
                for one in [*written, piece]:
                    await write(one)
                written.clear()
            if head:
                start(*head)
                for one in written:
                    await write(one)
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()

    return answer


def _environ(received):
    path, _, query = received.target.partition("?")
    fields = {}
    for name, value in received.headers:
        key = name.upper().replace("-", "_")
        text = value.decode("latin-1")
        separator = "; " if key == "COOKIE" else ", "
        fields[key] = f"{fields[key]}{separator}{text}" if key in fields else text
    host = fields.get("HOST") or received.authority
    name, _, port = host.rpartition(":") if host.rpartition(":")[2].isdigit() else (host, "", "")
    environ = {
        "REQUEST_METHOD": received.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "CONTENT_TYPE": fields.get("CONTENT_TYPE", ""),
        "CONTENT_LENGTH": str(len(received.body)),
        "SERVER_NAME": name or "localhost",
        "SERVER_PORT": port or ("443" if received.scheme == "https" else "80"),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": fields.get("SPIN_CLIENT_ADDR", "").rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": received.scheme,
        "wsgi.input": io.BytesIO(received.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    environ.update((f"HTTP_{key}", text) for key, text in fields.items() if key not in _WITHOUT_PREFIX)
    if host:
        environ["HTTP_HOST"] = host
    return environ


_WITHOUT_PREFIX = {"CONTENT_TYPE", "CONTENT_LENGTH"}
