"""A network of the test's own, in which this machine also has an address that is not loopback. It takes root."""

import contextlib
import ctypes
import fcntl
import os
import socket
import struct

CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS, SIOCSIFADDR = 0x8914, 0x8916
IFF_UP = 1

ADDRESS = "192.0.2.1"  # of nobody (RFC 5737)

libc = ctypes.CDLL(None, use_errno=True)


def _check(status):
    if status != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


@contextlib.contextmanager
def own():
    """What is started and connected within is in it; only this thread enters."""
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    _check(libc.unshare(CLONE_NEWNET))
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
            address = struct.pack("16sHH4s8x", b"lo:1", socket.AF_INET, 0, socket.inet_aton(ADDRESS))
            fcntl.ioctl(control, SIOCSIFADDR, address)
        yield
    finally:
        _check(libc.setns(before, CLONE_NEWNET))
        os.close(before)
