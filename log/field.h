// field.h: one field of an LTSV line cut into label and value, the same way for whoever reads, hides or filters them.
//
// The label is the run of label bytes before the first colon; what stands before that, as a syslog server puts it
// ("Feb 15 11:38:53 app1 nginx: time:..."), is `before`.
#pragma once
#include "base/base.h"

struct field { struct str before, label, value; };

// first: the field begins its line. false: it has no label.
bool field_cut(struct str text, bool first, struct field *out);
