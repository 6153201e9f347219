/*
 * banned: functions that no file of this tree may call. It is the last include of every .c file,
 * after the system's headers. Calling one of these is a compile error that names its replacement.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#define BASE_BANNED(function, instead) use_##instead##_and_not_##function

#undef strcpy
#define strcpy(...) BASE_BANNED(strcpy, buf_add)
#undef strncpy
#define strncpy(...) BASE_BANNED(strncpy, str_copy)
#undef strcat
#define strcat(...) BASE_BANNED(strcat, buf_add)
#undef strncat
#define strncat(...) BASE_BANNED(strncat, buf_add)
#undef stpcpy
#define stpcpy(...) BASE_BANNED(stpcpy, buf_add)
#undef sprintf
#define sprintf(...) BASE_BANNED(sprintf, buf_addf)
#undef vsprintf
#define vsprintf(...) BASE_BANNED(vsprintf, buf_addf)
#undef gets
#define gets(...) BASE_BANNED(gets, file_read)
#undef strtok
#define strtok(...) BASE_BANNED(strtok, str_cut)
#undef strtok_r
#define strtok_r(...) BASE_BANNED(strtok_r, str_cut)
#undef atoi
#define atoi(...) BASE_BANNED(atoi, str_number)
#undef atol
#define atol(...) BASE_BANNED(atol, str_number)
#undef atoll
#define atoll(...) BASE_BANNED(atoll, str_number)
#undef sscanf
#define sscanf(...) BASE_BANNED(sscanf, str_number)
#undef system
#define system(...) BASE_BANNED(system, process_capture)
#undef popen
#define popen(...) BASE_BANNED(popen, process_capture)
#undef tmpnam
#define tmpnam(...) BASE_BANNED(tmpnam, file_open_unnamed)
#undef mktemp
#define mktemp(...) BASE_BANNED(mktemp, file_open_unnamed)
#undef alloca
#define alloca(...) BASE_BANNED(alloca, buf_add)
#undef gmtime
#define gmtime(...) BASE_BANNED(gmtime, gmtime_r)
#undef localtime
#define localtime(...) BASE_BANNED(localtime, localtime_r)
#undef ctime
#define ctime(...) BASE_BANNED(ctime, mail_date_format)
#undef rand
#define rand(...) BASE_BANNED(rand, crypto_random)

#endif
