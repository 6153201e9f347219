/*
 * Units of imbucad/plan: what is one place, who is led there, and what became of a recipient.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "imbucad/plan.h"

#include "base/banned.h"

static const struct imbucad_plan_source first = {false, 0}, second = {false, 1};

static void
add(struct imbucad_plan *plan, struct imbucad_plan_source source, const char *user, bool is_final)
{
	const struct imbucad_plan_request request = {
	    .kind = IMBUCAD_PLAN_MAILBOX, .user = user, .is_final = is_final};
	struct err e = ERR_INIT;

	assert_int_equal(imbucad_plan_add(plan, source, &request, &e), 0);
}

static void
to_lead_nowhere_is_no_success(void **state)
{
	struct imbucad_plan plan = {.items = NULL};

	(void)state;
	assert_int_equal(imbucad_plan_result(&plan, 0)->code, 451);
	add(&plan, first, "anna", false);
	assert_null(imbucad_plan_result(&plan, 0));
	assert_int_equal(imbucad_plan_result(&plan, 1)->code, 451);
	plan.items[0].done = plan.items[0].passed_on = true;
	assert_int_equal(imbucad_plan_result(&plan, 0)->code, 451);
	assert_ptr_equal(imbucad_plan_circle(&plan, 0), &plan.items[0]);
	imbucad_plan_free(&plan);
}

static void
who_comes_later_is_led_on(void **state)
{
	struct imbucad_plan plan = {.items = NULL};

	(void)state;
	add(&plan, first, "anna", false);
	plan.items[0].done = plan.items[0].passed_on = true;
	add(&plan, (struct imbucad_plan_source){true, 0}, "bert", false);
	add(&plan, (struct imbucad_plan_source){true, 1}, "anna", false);
	assert_int_equal(plan.items_count, 2);
	add(&plan, second, "anna", false);
	assert_int_equal(plan.items_count, 2);
	assert_true(imbucad_plan_leads(&plan, 0, 1) && imbucad_plan_leads(&plan, 1, 1));
	imbucad_plan_free(&plan);
}

static void
a_mailbox_that_is_meant_is_another_until_it_has_the_message(void **state)
{
	struct imbucad_plan plan = {.items = NULL};

	(void)state;
	add(&plan, first, "anna", false);
	assert_null(imbucad_plan_twin(&plan, 0));
	add(&plan, second, "anna", true);
	assert_int_equal(plan.items_count, 2);
	assert_ptr_equal(imbucad_plan_twin(&plan, 0), &plan.items[1]);
	assert_ptr_equal(imbucad_plan_twin(&plan, 1), &plan.items[0]);
	add(&plan, first, "bert", false);
	plan.items[2].done = true;
	add(&plan, second, "bert", true);
	assert_int_equal(plan.items_count, 3);
	imbucad_plan_free(&plan);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(to_lead_nowhere_is_no_success),
	    cmocka_unit_test(who_comes_later_is_led_on),
	    cmocka_unit_test(a_mailbox_that_is_meant_is_another_until_it_has_the_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
