"""What the cluster tells systemd: that it is ready, that it is alive, that it stops."""

import socket
import threading

import pytest

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def manager(tmp_path):
    """Listen as systemd does; return what was said so far."""
    said = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))

        def listen():
            while (message := listener.recv(100)) != b"over":
                said.append(message.decode())

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield said
        listener.sendto(b"over", str(tmp_path / "notify"))
        thread.join()


def test_the_leader_says_that_it_is_ready_and_alive_and_that_it_stops(cluster, manager, tmp_path, until):
    one = cluster(NOTIFY_SOCKET=tmp_path / "notify")
    until(lambda: manager.count("WATCHDOG=1") > 3)

    one.stop()

    until(lambda: "STOPPING=1" in manager)
    assert (manager[0], manager[-1]) == ("READY=1", "STOPPING=1")


def test_a_manager_that_does_not_listen_holds_nothing_up(cluster, tmp_path, assert_works):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        one = cluster(NOTIFY_SOCKET=tmp_path / "notify")

        assert_works()
        one.stop()
