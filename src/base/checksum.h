/*
 * checksum: CRC-32C (Castagnoli; RFC 3720, B.4), which tells a text that was torn or has rotted
 * from a whole one. It protects against no attacker.
 */
#ifndef BASE_CHECKSUM_H
#define BASE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* The checksum of N bytes at PTR behind others, whose checksum is BEFORE (0 where there are none).
 */
uint32_t checksum_add(uint32_t before, const void *ptr, size_t n);

/*
 * The checksum, and the number, of the bytes of the file on FD from FROM to its end. Its offset
 * stays. -1 with errno where it cannot be read.
 */
int checksum_file(int fd, uint64_t from, uint32_t *checksum, uint64_t *size);

#endif
