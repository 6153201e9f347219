/*
 * i18n: the words of the program in the reader's language, by gettext.
 *
 * The formats of err.h are looked up there: a caller writes them in English and needs nothing from
 * here. What is printed otherwise is marked with _(), or with N_() where it stands in a table and
 * is looked up when it is printed. Only the language of messages follows the environment: numbers,
 * dates and the classes of characters stay those of the C locale, and the words come in UTF-8.
 */
#ifndef BASE_I18N_H
#define BASE_I18N_H

#define _(text)	 i18n_text(text)
#define N_(text) text

/*
 * Takes the language from the environment (LANGUAGE, LC_ALL, LC_MESSAGES, LANG), and the
 * translations from $TEXTDOMAINDIR where it is set, else from where they were installed. Without
 * a call everything is English, as it must be in what other programs read.
 */
void i18n_start(void);

/* TEXT in the reader's language; TEXT itself where that has no words for it. "" stays "". */
const char *i18n_text(const char *text) __attribute__((format_arg(1)));

#endif
