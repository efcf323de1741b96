// doctor.h: what `rusuban doctor` looks at on every host of the site: may we come in, is there what a release needs.
#pragma once
#include "base/check.h"

check_fn release_check;
