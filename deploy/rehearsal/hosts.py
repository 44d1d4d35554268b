"""Web and worker hosts on loopback addresses, nginx in front of them, two releases of the code.

Each host has an instance folder of its own and shares with the others the database, SECRET_KEY and the folder of
uploads, and nothing else: as in deploy/README.md.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
WEB = ("127.0.0.2", "127.0.0.3")
CODE = ("app", "admin_views", "migrations")
RELEASE_HEADER = "X-Release"
NEW_TABLES = '''"""The rehearsal: a release later there is a table more, which the release before knows nothing of."""

import sqlalchemy as sa
from alembic import op

revision = "rehearsal"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table("rehearsal", sa.Column("id", sa.Integer(), primary_key=True))
    op.add_column("mark", sa.Column("rehearsed", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade():
    op.drop_column("mark", "rehearsed")
    op.drop_table("rehearsal")
'''


def release(folder: Path, number: int, head: str = "") -> Path:
    """A copy of the code that tells its number in a header; with ``head`` it also brings a migration after that one."""
    made = folder / f"release-{number}"
    for name in CODE:
        shutil.copytree(ROOT / name, made / name)
    shutil.copy2(ROOT / "gunicorn.conf.py", made)
    (made / "wsgi.py").write_text(
        (ROOT / "wsgi.py").read_text()
        + f'app.after_request(lambda answer: answer.headers.update({{"{RELEASE_HEADER}": "{number}"}}) or answer)\n'
    )
    if head:
        (made / "migrations" / "versions" / "rehearsal.py").write_text(NEW_TABLES.format(head=head))
    return made


class Host:
    """A machine with one process tree of the journal: ``command`` in the folder of a release."""

    def __init__(self, name: str, folder: Path, settings: Mapping[str, str], command: Sequence[str]) -> None:
        self.name, self.log, self.command = name, folder / f"{name}.log", list(command)
        instance = folder / name
        instance.mkdir(exist_ok=True)
        self.environment = os.environ | settings | {"INSTANCE_FOLDER": str(instance)}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, code: Path) -> None:
        """Start the release that stands in the folder ``code``."""
        with self.log.open("ab") as stream:
            self.process = subprocess.Popen(  # noqa: S603
                self.command, cwd=code, env=self.environment | {"PYTHONPATH": str(code)}, stdout=stream, stderr=stream,
                start_new_session=True,
            )  # fmt: skip

    def stop(self) -> None:
        """SIGTERM, as systemd stops a service; wait until it has ended what it had in hand."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(90)

    def kill(self) -> None:
        """kill -9 of all its processes: the machine has lost its power."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def check(self) -> None:
        """Raise RuntimeError with the log when the process has ended by itself."""
        if self.process is not None and self.process.poll() is not None:
            raise RuntimeError(f"{self.name} has ended: {self.log.read_text()[-3000:]}")


class WebHost(Host):
    """A web server as deploy/systemd/journal-web@.service starts it: its port is open when the program is loaded."""

    def __init__(self, address: str, port: int, folder: Path, settings: Mapping[str, str]) -> None:
        place = f"{address}:{port}"
        command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--preload", "--bind", place, "--log-level", "warning"]
        super().__init__(f"web-{address}", folder, settings, command)
        self.address, self.port = address, port

    def wait(self, release_number: int) -> None:
        """Until it answers with a release. Raises RuntimeError when it does not within five minutes."""
        for _ in range(1200):
            self.check()
            if self._answers() == str(release_number):
                return
            time.sleep(0.25)
        raise RuntimeError(f"{self.name} does not answer: {self.log.read_text()[-3000:]}")

    def _answers(self) -> str:
        connection = HTTPConnection(self.address, self.port, timeout=60)
        try:
            connection.request("GET", "/healthz", headers={"Host": "127.0.0.1"})
            answer = connection.getresponse()
            return answer.headers.get(RELEASE_HEADER, "") if answer.status == 200 else ""
        except (OSError, HTTPException):
            return ""
        finally:
            connection.close()


class WorkerHost(Host):
    """A host with a message worker; after ``lease`` seconds its message is another's, if it is not settled."""

    def __init__(self, name: str, folder: Path, settings: Mapping[str, str], lease: float) -> None:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "deliver", "--lease", str(lease)]
        super().__init__(name, folder, settings, command)


class Nginx(Host):
    """nginx with the rules of deploy/nginx/locations.conf, in front of the web hosts."""

    def __init__(self, folder: Path, port: int, web: Sequence[WebHost]) -> None:
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        file = folder / "nginx.conf"
        self.errors = folder / "nginx.error"
        super().__init__("nginx", folder, {}, [program, "-c", str(file), "-p", str(folder), "-e", str(self.errors)])
        self.web, self.upstream, self.left_out = web, folder / "upstream.conf", set[str]()
        self._write_upstream()
        places = " ".join(
            f"{name}_temp_path {folder}/nginx-{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;" if os.getuid() == 0 else ""
        file.write_text(
            f"{user} daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.error warn;\n"
            f"events {{ worker_connections 1024; }}\n"
            f"http {{ access_log off; {places}\n"
            f"include {self.upstream};\n"
            f"server {{ listen 127.0.0.1:{port}; include {ROOT}/deploy/nginx/locations.conf; }} }}\n"
        )

    def leave_out(self, host: WebHost) -> None:
        """Send nobody there any more; what is there is ended, as deploy/roll.sh does before a restart."""
        self._tell(self.left_out | {host.address})

    def take_in(self, host: WebHost) -> None:
        """Send people there again."""
        self._tell(self.left_out - {host.address})

    def _tell(self, left_out: set[str]) -> None:
        self.left_out = left_out
        self._write_upstream()
        if self.process is not None:
            self.process.send_signal(signal.SIGHUP)
        time.sleep(1)

    def _write_upstream(self) -> None:
        servers = [
            f"server {one.address}:{one.port} max_fails=2 fail_timeout=3s{' down' * (one.address in self.left_out)};"
            for one in self.web
        ]
        self.upstream.write_text(f"upstream journal {{ zone journal_hosts 64k; {' '.join(servers)} }}\n")

    def failed_over(self) -> int:
        """How often a host did not answer, and another one was asked."""
        lines = self.errors.read_text().splitlines() if self.errors.exists() else []
        return sum("upstream" in line and "[error]" in line for line in lines)
