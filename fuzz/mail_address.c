/*
 * Fuzz target: any bytes as an address list. Whatever is read must be free of control bytes, and
 * must mean the same when it was written and is read again.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "mail/address.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct mail_address *a)
{
	struct buf spec = BUF_INIT(MAIL_ADDRESS_MAX);
	struct mail_address again;
	struct err e = ERR_INIT;

	mail_address_write(&spec, a);
	if (spec.full || str_find_control(buf_slice(&spec)) < spec.len)
		abort();
	if (spec.len > 0) {
		if (mail_address_parse(&again, buf_slice(&spec), &e) != 0 ||
		    !mail_address_equal(a, &again))
			abort();
		mail_address_free(&again);
	}
	buf_free(&spec);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mail_address_list list = {NULL, 0};
	struct err e = ERR_INIT;

	if (mail_address_parse_list(&list, (struct slice){(const char *)data, size}, &e) == 0) {
		for (size_t i = 0; i < list.count; i++)
			check(&list.at[i]);
	} else if (list.count != 0 || e.ex == 0) {
		abort();
	}
	mail_address_list_free(&list);
	return 0;
}
