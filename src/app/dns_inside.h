/*
 * dns_inside: what the files of `imbuca dns` share: one run of it.
 */
#ifndef APP_DNS_INSIDE_H
#define APP_DNS_INSIDE_H

#include "app/account.h"
#include "app/dns_judge.h"
#include "app/report.h"
#include "base/deadline.h"
#include "conf/provider_file.h"
#include "net/name.h"
#include "net/resolver.h"

struct app_dns_inquiry {
	const struct app_options *options;
	struct app_report report;
	struct net_resolver resolver;
	struct deadline within;
	char from[NET_NAME_SIZE];   /* the domain that is asked about */
	char sender[NET_NAME_SIZE]; /* that of the envelope's sender */
	char local[MAIL_ADDRESS_MAX + 1];
	struct app_account account; /* zeros where none was named */
	const struct conf_provider
	    *provider;			 /* of the account's server, or the domain's; or NULL */
	struct conf_provider_more *more; /* those of files */
	struct app_dns_facts facts;
	struct domain_dmarc dmarc;
};

/* Reports what SPF says about the envelope's sender and the account's server. */
int app_dns_spf_look(struct app_dns_inquiry *q, struct err *e);

#endif
