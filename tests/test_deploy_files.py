"""The files of deploy/ are what nginx, systemd and the shell take."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from app.doctor import settings
from tests.postgres_server import PostgresServer

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"
NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


def certificate(folder: Path) -> tuple[Path, Path]:
    """Files of a certificate and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "journal.school.example")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(1))
    pem, private = folder / "fullchain.pem", folder / "privkey.pem"
    pem.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    form, coding = serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM
    private.write_bytes(key.private_bytes(coding, form, serialization.NoEncryption()))
    return pem, private


@pytest.mark.skipif(not NGINX, reason="nginx is not installed: sudo apt-get install nginx-light")
def test_nginx_takes_its_files(tmp_path: Path) -> None:
    shutil.copytree(DEPLOY / "nginx", tmp_path / "journal")
    text = (DEPLOY / "nginx" / "journal.conf").read_text()
    for file in certificate(tmp_path):
        text = text.replace(f"/etc/letsencrypt/live/journal.school.example/{file.name}", str(file))
    (tmp_path / "site.conf").write_text(text)
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid; events {{}} http {{ include {tmp_path}/site.conf; }}")
    command = [str(NGINX), "-t", "-q", "-c", str(whole), "-p", str(tmp_path), "-e", str(tmp_path / "error")]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_settings_of_a_host_are_settings() -> None:
    lines = (DEPLOY / "journal.env").read_text().splitlines()
    given = {line.partition("=")[0]: line.partition("=")[2] for line in lines if line and line[0] != "#"}
    assert set(given) <= settings.known_names()
    units = [(DEPLOY / "systemd" / name).read_text() for name in ("journal-web@.service", "journal-worker@.service")]
    assert all("EnvironmentFile=/etc/journal/%i.env" in unit for unit in units)
    assert all("INSTANCE_FOLDER=/var/lib/journal/%i" in unit for unit in units)


def test_a_page_does_not_wait_for_a_statement_for_ever(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = (DEPLOY / "systemd" / "journal-web@.service").read_text()
    options = next(line.split('"')[1].partition("=")[2] for line in unit.splitlines() if "PGOPTIONS" in line)
    assert options == "-c statement_timeout=60s"
    monkeypatch.setenv("PGOPTIONS", options.replace("60s", "50ms"))
    engine = create_engine(postgres_server.url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection, pytest.raises(OperationalError):  # app.errors answers it with 503
        connection.execute(text("SELECT pg_sleep(30)"))
    engine.dispose()


def test_the_shell_reads_the_script() -> None:
    assert subprocess.run(["sh", "-n", str(DEPLOY / "roll.sh")]).returncode == 0


def test_postgresql_takes_its_settings(postgres_server: PostgresServer) -> None:
    check = [postgres_server.programs / "postgres", "-D", postgres_server.data, "-C", "max_connections"]
    shutil.copy(DEPLOY / "postgresql" / "journal.conf", postgres_server.folder)
    check += ["-c", f"config_file={postgres_server.folder}/journal.conf", "-c", "hba_file=none"]
    ended = subprocess.run(check, user=postgres_server.account, capture_output=True, text=True, cwd="/")
    assert (ended.stdout.strip(), ended.stderr) == ("200", "")
