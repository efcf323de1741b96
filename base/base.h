// base.h: the few idioms everything else is written in; including it gives all of them.
//
// Slices (str), growing text (buf), memory dropped as a whole (arena), arrays and maps in an arena
// (vec, map), errors told from the outside in (err), and values that know their type (val).
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/def.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "base/val.h"
#include "base/vec.h"
