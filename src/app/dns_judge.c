/*
 * dns_judge: see dns_judge.h.
 */
#include <config.h>

#include "app/dns_judge.h"
#include "base/i18n.h"

#include "base/banned.h"

/* Who vouches for the mail. */
enum voucher { NOBODY, SPF, DKIM, BOTH };

static const struct {
	const char *verdict, *advice; /* "" for none */
} passing[] = {
    [SPF] = {N_("it will pass: SPF vouches for it"),
	N_("Have DKIM set up too: SPF does not survive forwarding, DKIM does.")},
    [DKIM] = {N_("it will pass where DKIM signs it; SPF does not vouch for it"), ""},
    [BOTH] = {N_("it will pass: SPF and DKIM vouch for it"), ""},
};

/* What becomes of mail that nobody vouches for, by the policy. */
static const char *const failing[] = {
    [DOMAIN_DMARC_NONE] = N_("nothing vouches for it: large providers refuse such mail, or take it "
			     "for spam"),
    [DOMAIN_DMARC_QUARANTINE] = N_("it will go to the spam folder: nothing vouches for it, and the "
				   "domain wants that (DMARC)"),
    [DOMAIN_DMARC_REJECT] = N_("it will be refused: nothing vouches for it, and the domain wants "
			       "that (DMARC)"),
};

static void
conclude(const struct app_dns_facts *f, const char *verdict, struct app_report *report)
{
	app_report_conclude(report, "verdict", "Mail from %s through %s: %s.", f->from, f->server,
	    i18n_text(verdict));
}

static void
advise(const struct app_dns_facts *f, struct app_report *report)
{
	if (f->spf == APP_DNS_COVERED && !f->sender_aligned)
		app_report_conclude(report, "advice",
		    "The envelope's sender is of %s: give the account a from of %s.", f->sender,
		    f->from);
	else if (f->include != NULL)
		app_report_conclude(report, "advice",
		    "Publish in the TXT record of %s that begins with v=spf1: include:%s",
		    f->sender, f->include);
	else
		app_report_conclude(report, "advice",
		    "Publish in the TXT record of %s that begins with v=spf1 which servers send "
		    "its mail, or have DKIM set up.",
		    f->sender);
}

/* Nobody said what the mail goes through. */
static bool
judge_domain(const struct app_dns_facts *f, struct app_report *report)
{
	if (f->dkim)
		app_report_conclude(report, "verdict",
		    "Mail from %s will pass where DKIM signs it; whether SPF vouches for it "
		    "depends "
		    "on the server.",
		    f->from);
	else
		app_report_conclude(report, "verdict",
		    "Whether mail from %s will pass depends on the server that sends it.", f->from);
	if (f->server == NULL)
		app_report_conclude(report, "advice",
		    "Name the account that sends it, to have that judged: -a ACCOUNT");
	return true;
}

bool
app_dns_judge(const struct app_dns_facts *f, struct app_report *report)
{
	bool spf = f->spf == APP_DNS_COVERED && f->sender_aligned;
	enum voucher voucher = (enum voucher)((spf ? SPF : 0) | (f->dkim ? DKIM : 0));

	if (f->server == NULL || (f->spf == APP_DNS_UNKNOWN && !f->dkim))
		return judge_domain(f, report);
	if (voucher == NOBODY) {
		conclude(f, failing[domain_dmarc_in_force(f->dmarc)], report);
		advise(f, report);
		return false;
	}
	conclude(f, passing[voucher].verdict, report);
	if (passing[voucher].advice[0] != '\0')
		app_report_conclude(report, "advice", "%s", i18n_text(passing[voucher].advice));
	return true;
}
