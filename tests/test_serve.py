import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from crm.management.commands import serve


class Serving:
    """`manage.py serve` as a process of its own, its output and its folder."""

    def __init__(self, folder):
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(self.port)],
            cwd=settings.BASE_DIR,
            env=environment(folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines = []

    def wait_until_ready(self):
        for line in self.process.stdout:
            self.lines.append(line)
            if "Ctrl-C" in line:
                return
        pytest.fail("".join(self.lines))

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as response:
            return response.read().decode()

    def wait_for(self, name):
        """The content of a file that a task writes."""
        file = Path(self.folder, name)
        deadline = time.monotonic() + 20
        while not file.exists():
            assert time.monotonic() < deadline, f"no task wrote {name}"
            time.sleep(0.1)
        return file.read_text()

    def end(self):
        """What was printed, once every process that could print has ended, children of children included."""
        rest, _ = self.process.communicate(timeout=30)
        return "".join(self.lines) + rest


def environment(folder):
    """Of an embedded installation with its data in *folder*."""
    variables = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.probe.settings", "DATA_DIR": str(folder)}
    variables.pop("DATABASE_URL", None)
    return variables


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("migrated")
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=settings.BASE_DIR, env=environment(folder), check=True)
    return folder


@pytest.fixture
def serving(migrated, tmp_path):
    serving = Serving(shutil.copytree(migrated, tmp_path / "data"))
    yield serving
    if serving.process.poll() is None:
        serving.process.terminate()
        serving.end()


class TestServe:
    def test_runs_work_that_a_request_queued_and_work_by_timetable_and_stops_everything(self, serving):
        serving.wait_until_ready()
        serving.get("/readyz")
        assert serving.get("/probe/") == "queued"
        worker = serving.wait_for("by-request")
        assert serving.wait_for("by-timetable") == worker
        assert worker != str(serving.process.pid)

        serving.process.send_signal(signal.SIGINT)
        printed = serving.end()
        assert f"http://127.0.0.1:{serving.port}/" in printed
        assert "Stopped." in printed
        assert "Traceback" not in printed
        assert serving.process.returncode == 0
        assert not serve.answers("127.0.0.1", serving.port)

    def test_stops_the_web_server_when_the_worker_dies(self, serving):
        serving.wait_until_ready()
        os.kill(int(serving.wait_for("by-timetable")), signal.SIGKILL)
        assert "The worker stopped with status -9" in serving.end()
        assert serving.process.returncode == 1
        assert not serve.answers("127.0.0.1", serving.port)

    def test_refuses_a_port_that_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(CommandError, match=f"127.0.0.1:{port}"):
                call_command("serve", port=port)


@pytest.mark.django_db
class TestSignInsThatServePrints:
    def make_person(self, name, group, password):
        user = get_user_model().objects.create_user(username=name, password=password)
        user.groups.add(Group.objects.get(name=group))

    def test_are_one_person_of_each_group_with_the_demo_password(self, settings):
        settings.DEMO_PASSWORD = "correct horse"
        self.make_person("ana", "Salesperson", "correct horse")
        self.make_person("ben", "Salesperson", "correct horse")
        self.make_person("eva", "Reader", "correct horse")
        self.make_person("max", "Administrator", "has changed it")
        output = io.StringIO()
        serve.Command(stdout=output).welcome("127.0.0.1", 8000)
        assert [line.strip() for line in output.getvalue().splitlines() if "sign in" in line] == [
            "sign in as eva (Reader), password correct horse",
            "sign in as ana (Salesperson), password correct horse",
        ]

    def test_are_none_without_a_demo_password(self, settings):
        settings.DEMO_PASSWORD = ""
        self.make_person("ana", "Salesperson", "")
        assert list(serve.demo_people()) == []
