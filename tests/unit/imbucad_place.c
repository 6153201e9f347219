/*
 * Units of imbucad/place: what a place is called in the queue, and what that name says.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "deliver/forward.h"
#include "imbucad/place.h"

#include "base/banned.h"

/* An item whose texts are what a row of a test names. */
struct item {
	enum imbucad_plan_kind kind;
	char user[32], where[64], detail[32];
	bool is_final, is_users;
};

static struct mail_address
name_of(const struct item *item)
{
	const struct imbucad_plan_item whole = {.kind = item->kind,
	    .user = (char *)(uintptr_t)item->user,
	    .where = (char *)(uintptr_t)item->where,
	    .detail = (char *)(uintptr_t)item->detail,
	    .is_final = item->is_final,
	    .is_users = item->is_users};
	struct mail_address name;
	struct err e = ERR_INIT;

	assert_int_equal(imbucad_place_name(&whole, &name, &e), 0);
	return name;
}

static void
names_each_kind(void **state)
{
	static const struct {
		struct item item;
		const char *name;
		enum imbucad_place_kind kind;
	} cases[] = {
	    {{IMBUCAD_PLAN_MAILBOX, "anna", "", "", false, false}, "anna@user.localhost",
		IMBUCAD_PLACE_USER},
	    {{IMBUCAD_PLAN_MAILBOX, "anna", "", "x y", true, false},
		"\"anna+x y\"@mailbox.localhost", IMBUCAD_PLACE_MAILBOX},
	    {{IMBUCAD_PLAN_MAILBOX, "imbuca", "anna+x", "x", true, false},
		"anna+x@mailbox.localhost", IMBUCAD_PLACE_MAILBOX},
	    {{IMBUCAD_PLAN_RELAY, "", "a@b.example", "", false, false}, "a@b.example",
		IMBUCAD_PLACE_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct mail_address name = name_of(&cases[i].item);
		struct buf text = BUF_INIT(MAIL_ADDRESS_MAX + 64);

		mail_address_write(&text, &name);
		assert_string_equal(buf_text(&text), cases[i].name);
		assert_int_equal(imbucad_place_of(&name), cases[i].kind);
		buf_free(&text);
		mail_address_free(&name);
	}
}

static void
finds_a_target_by_its_mark(void **state)
{
	static const struct {
		struct item item;
		const char *user;
		size_t found; /* in the list below; 3 for nowhere */
	} cases[] = {
	    {{IMBUCAD_PLAN_FILE, "imbuca", "/bin/x", "", false, false}, "", 1},
	    {{IMBUCAD_PLAN_COMMAND, "imbuca", "/bin/x", "", false, false}, "", 2},
	    {{IMBUCAD_PLAN_COMMAND, "imbuca", "/bin/x", "a.b", false, false}, "", 2},
	    {{IMBUCAD_PLAN_COMMAND, "an.na", "/bin/x", "", false, true}, "an.na", 2},
	    {{IMBUCAD_PLAN_COMMAND, "anna", "/bin/x", "d", false, true}, "anna+d", 2},
	    {{IMBUCAD_PLAN_COMMAND, "anna", "/bin/y", "", false, true}, "anna", 3},
	};
	struct deliver_target_list list = {NULL, 0};
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(deliver_forward_parse(str_slice("anna, /bin/x, |/bin/x"), &list, &e), 0);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct mail_address name = name_of(&cases[i].item);
		const char *user;
		uint64_t mark = imbucad_place_read_mark(&name, &user);

		assert_int_equal(imbucad_place_of(&name), IMBUCAD_PLACE_TARGET);
		assert_string_equal(user, cases[i].user);
		assert_null(strstr(name.local, "/bin"));
		assert_ptr_equal(imbucad_place_find(&list, mark),
		    cases[i].found < list.count ? &list.at[cases[i].found] : NULL);
		mail_address_free(&name);
	}
	deliver_target_list_free(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_each_kind),
	    cmocka_unit_test(finds_a_target_by_its_mark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
