"""Python finds names below `localhost` where the system does not: they are this machine (RFC 6761 §6.3)."""

import socket

_getaddrinfo = socket.getaddrinfo


def _localhost(host, *rest, **named):
    return _getaddrinfo("127.0.0.1" if str(host).endswith(".localhost") else host, *rest, **named)


socket.getaddrinfo = _localhost
