"""Attacks on what all containers of the host share."""

import contextlib
import ctypes
import os
import threading
import time


def takes_of_the_kernel(seconds: float) -> dict:
    """As many of each as there are."""
    libc, taken = ctypes.CDLL(None), {"inotify": 0, "aio": 0, "ptys": 0, "timers": 0, "pipes": 0}
    kept = []
    while libc.inotify_init() >= 0:
        taken["inotify"] += 1
    while libc.syscall(206, 65_536, ctypes.byref(ctypes.c_ulong())) == 0:
        taken["aio"] += 1
    with contextlib.suppress(OSError):
        while taken["ptys"] < 2_000:
            kept.append(os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY))
            taken["ptys"] += 1
    while taken["timers"] < 200_000 and libc.syscall(222, 1, None, ctypes.byref(ctypes.c_int())) == 0:
        taken["timers"] += 1
    with contextlib.suppress(OSError):
        while True:
            kept.append(os.pipe())
            taken["pipes"] += 1
    print(taken, flush=True)
    time.sleep(seconds)
    return taken


def watches_files(seconds: float) -> int:
    """What an honest program needs of the same."""
    made = ctypes.CDLL(None).inotify_init()
    assert made >= 0, "no inotify instance is left"
    return made


def fills_its_disk(seconds: float) -> dict:
    """/tmp, /dev/shm, and every other place it can write to."""
    written = {}
    for place in ("/tmp", "/dev/shm", "/var/tmp", "/run", "/input", "/run/orchestrator", os.getcwd()):
        written[place] = _filled(place)
    print(written, flush=True)
    time.sleep(seconds)
    return written


def links_beside_its_socket() -> list:
    """What it can put, or change, in the folder that it shares with the host."""
    import tap

    folder = os.path.dirname(tap.link()._login[0].removeprefix("unix://"))
    tried = []
    for act in (
        lambda: os.symlink("/etc/passwd", f"{folder}/link"),
        lambda: os.unlink(f"{folder}/passwd"),
        lambda: os.rename(tap.link()._login[0].removeprefix("unix://"), f"{folder}/other"),
        lambda: os.chmod(folder, 0o777),
        lambda: open(f"{folder}/../x", "w"),
    ):
        try:
            act()
            tried.append("done")
        except OSError as error:
            tried.append(error.strerror)
    return tried


def threads_that_spin(count: int, seconds: float) -> None:
    end_s = time.monotonic() + seconds

    def spin():
        while time.monotonic() < end_s:
            pass

    spinning = [threading.Thread(target=spin) for _ in range(count)]
    for one in spinning:
        one.start()
    for one in spinning:
        one.join()


def _filled(place):
    size = 0
    try:
        with open(f"{place}/filling", "wb", buffering=0) as file:
            while True:
                size += file.write(b"x" * (1 << 20))
    except OSError as error:
        return f"{size >> 20} MiB, {error.strerror}"


def add_to(app):
    for one in (
        takes_of_the_kernel,
        watches_files,
        fills_its_disk,
        links_beside_its_socket,
        threads_that_spin,
    ):
        app.task(one)
