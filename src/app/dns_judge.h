/*
 * dns_judge: what SPF, DKIM and DMARC come to, in words.
 */
#ifndef APP_DNS_JUDGE_H
#define APP_DNS_JUDGE_H

#include "app/report.h"
#include "domain/dmarc.h"

/* Do the servers that mail leaves from stand in SPF? */
enum app_dns_coverage {
	APP_DNS_UNKNOWN, /* nobody said which servers those are */
	APP_DNS_COVERED,
	APP_DNS_UNCOVERED,
};

/* What was found. Texts are borrowed. */
struct app_dns_facts {
	const char *from;    /* the domain of From */
	const char *sender;  /* the domain of the envelope's sender */
	const char *server;  /* what to call whom the mail goes through; NULL: nobody knows */
	const char *include; /* what SPF should include for it; NULL: not known */
	enum app_dns_coverage spf;
	bool sender_aligned; /* SENDER is in line with FROM */
	bool dkim;	     /* a key that receivers take is there */
	const struct domain_dmarc *dmarc;
};

/* Adds the verdict, and what to do, to REPORT. Returns false where it is a bad one. */
bool app_dns_judge(const struct app_dns_facts *facts, struct app_report *report);

#endif
