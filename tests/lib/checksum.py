"""The checksum of the queue's files."""


def crc32c(data):
    """CRC-32C (RFC 3720), once more: the file format is a promise."""
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF
