"""A registry with one tiny image, spoken to as any other."""

import gzip
import io
import json
import tarfile
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Self

_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = "application/vnd.docker.container.image.v1+json"
_UNKNOWN = b'{"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}'
_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


def _digest(data: bytes) -> str:
    return f"sha256:{sha256(data).hexdigest()}"


class ImageRegistry:
    """Serves one image, ``<host>/<name>:<tag>``.

    Attributes
    ----------
    is_asked_for_layer : Event
        Set when the download of the layer begins.
    goes_on : Event
        Layers are sent while it is set.
    """

    def __init__(self, name: str, content: bytes = b"hello") -> None:
        layer = io.BytesIO()
        with tarfile.open(fileobj=layer, mode="w") as tar:
            member = tarfile.TarInfo("hello.txt")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        packed = gzip.compress(layer.getvalue(), mtime=0)
        config = json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "config": {},
                "rootfs": {"type": "layers", "diff_ids": [_digest(layer.getvalue())]},
            }
        ).encode()
        self._blobs = {_digest(blob): blob for blob in (packed, config)}
        parts = [(_CONFIG, config), (_LAYER, packed)]
        described = [
            {"mediaType": kind, "size": len(blob), "digest": _digest(blob)}
            for kind, blob in parts
        ]
        self._manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": _MANIFEST,
                "config": described[0],
                "layers": described[1:],
            }
        ).encode()
        self.digest = _digest(self._manifest)
        self.image_id = _digest(config)
        self._name = name
        self._layer = _digest(packed)
        self.is_asked_for_layer = Event()
        self.goes_on = Event()
        self.goes_on.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = False
        self._thread = Thread(target=self._server.serve_forever, name="registry")

    @property
    def image(self) -> str:
        return f"127.0.0.1:{self._server.server_port}/{self._name}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.goes_on.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, path: str) -> tuple[str, bytes] | None:
        place, _, reference = path.rpartition("/")
        kind = place.rpartition("/")[2]
        if path == "/v2/":
            return "application/json", b"{}"
        if not path.startswith(f"/v2/{self._name}/"):
            return None
        if kind == "manifests" and reference in ("1.0", self.digest):
            return _MANIFEST, self._manifest
        if kind == "blobs" and reference in self._blobs:
            if reference == self._layer:
                self.is_asked_for_layer.set()
                self.goes_on.wait()
            return "application/octet-stream", self._blobs[reference]
        return None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer = registry._answer(self.path)
                self.send_response(404 if answer is None else 200)
                kind, body = answer or ("application/json", _UNKNOWN)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                if kind == _MANIFEST:
                    self.send_header("Docker-Content-Digest", registry.digest)
                self.end_headers()
                if self.command == "GET":
                    try:
                        self.wfile.write(body)
                    except OSError:
                        self.close_connection = True  # the engine lost interest

            do_HEAD = do_GET

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler
