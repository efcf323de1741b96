// links.h: opens a file to read, and follows only those symbolic links in its place that may be followed.
//
// An agent reads with rights that those who write logs do not have. Somebody among them who puts a link to a file of
// somebody else where a log file was, or beside it, would have it shipped. So a link counts when root made it, we made
// it, or whoever owns the file that it leads to. Links among the directories above are the business of who owns those.
//
//     OWN_FD fd = links_open(path);
//     if (fd < 0)          // errno; EPERM: there is a link that is not followed
#pragma once

int links_open(const char *path);       // O_RDONLY, not blocking
