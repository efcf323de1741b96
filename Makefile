# Rusuban's build. `make` builds, `make demo` shows, `make test` proves; CONTRIBUTING.md says the rest.
#
# Objects live per variant under build/VARIANT: release (what users run), test (faults can be injected), asan
# (gcc, Address- and UBSanitizer), clang (the other compiler), fuzz (clang, libFuzzer). Sources find themselves:
# every .c of a folder in FOLDERS, less *_test.c, *_fuzz.c, *_bench.c.
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
SHELL := /bin/bash
PREFIX ?= /usr/local
V ?= release
OUT := build/$(V)

FOLDERS := base site store web house notify release
PKGS := libevent_core libevent_extra sqlite3 yaml-0.1 jansson libsodium

all := $(wildcard $(addsuffix /*.c,$(FOLDERS)))
tests := base/test.c $(filter %_test.c,$(all))
fuzzers := $(filter %_fuzz.c,$(all))
benches := $(filter %_bench.c,$(all))
lib := $(filter-out $(tests) $(fuzzers) $(benches),$(all))
objects = $(patsubst %.c,$(OUT)/%.o,$(1))

WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wpointer-arith \
	-Wcast-qual -Wwrite-strings -Wundef -Wvla -Werror
VERSION := $(shell cat VERSION)
BASE_CFLAGS := -std=gnu17 -I. $(WARN) -g -fno-strict-aliasing -D_GNU_SOURCE -DRUSUBAN_VERSION='"$(VERSION)"' \
	-fstack-protector-strong -fPIE
CC_release := gcc
FLAGS_release := -O2 -D_FORTIFY_SOURCE=2
CC_test := gcc
FLAGS_test := -O1 -DRUSUBAN_FAULTS
CC_asan := gcc
FLAGS_asan := -O1 -DRUSUBAN_FAULTS -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
CC_clang := clang
FLAGS_clang := -O2 -DRUSUBAN_FAULTS
CC_fuzz := clang
FLAGS_fuzz := -O1 -DRUSUBAN_FAULTS -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined
CC := $(CC_$(V))
CFLAGS ?=
ALL_CFLAGS = $(BASE_CFLAGS) $(FLAGS_$(V)) $(shell pkg-config --cflags $(PKGS)) $(CFLAGS)
ALL_LDFLAGS = $(FLAGS_$(V)) -pie -Wl,-z,relro,-z,now,--as-needed $(LDFLAGS)
LIBS = $(shell pkg-config --libs $(PKGS))

.PHONY: default program units fuzz-targets test check fuzz bench soak demo demo-stop install clean ensure-build

default: ensure-build
	@$(MAKE) --no-print-directory -j$$(nproc) program

ensure-build:
	@scripts/ensure build

# build/rusuban is the release variant; others keep their names under their own folder.
program: $(OUT)/rusuban $(if $(filter release,$(V)),build/rusuban compile_commands.json)
	@:

build/rusuban: $(OUT)/rusuban
	@ln -sf release/rusuban $@

$(OUT)/rusuban: $(call objects,main.c $(lib))
	@$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
	@echo "  link  $@"

units: $(OUT)/units
$(OUT)/units: $(call objects,$(tests) $(lib))
	@$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

fuzz-targets: $(patsubst %.c,$(OUT)/%,$(fuzzers))
$(patsubst %.c,$(OUT)/%,$(fuzzers)): $(OUT)/%: $(OUT)/%.o $(call objects,$(lib))
	@$(CC) $(subst fuzzer-no-link,fuzzer,$(ALL_LDFLAGS)) -o $@ $^ $(LIBS)

$(OUT)/%.o: %.c Makefile VERSION
	@mkdir -p $(@D)
	@$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Files inside the program (base/embed.h).
$(OUT)/store/schema.o: $(wildcard store/schema/*.sql)
$(OUT)/site/example.o: site/example.yaml
$(OUT)/release/remote.o: release/host.sh
$(OUT)/release/doctor.o: release/doctor.sh

compile_commands.json: Makefile $(all) main.c
	@for f in main.c $(all); do printf '{"directory":"%s","file":"%s","arguments":["gcc"' "$(CURDIR)" "$$f"; \
	for w in $(subst ",\\\\\",$(subst ',,$(ALL_CFLAGS))) -c "$$f"; do printf ',"%s"' "$$w"; done; printf ']}\n'; \
	done | sed -e '1s/^/[/' -e '$$!s/$$/,/' -e '$$s/$$/]/' > $@

-include $(patsubst %.c,$(OUT)/%.d,main.c $(all))

# ---- proving it ----

# `make test T=release` runs what has release in its name. TEST_V=asan runs the same with sanitizers.
TEST_V ?= test
test:
	@scripts/ensure build run test
	@$(MAKE) --no-print-directory -j$$(nproc) V=$(TEST_V) program units
	@tests/run $(TEST_V) '$(T)'

# Both compilers, the arrows of the include order, shell scripts, sanitizers over all tests, a minute of each fuzz target.
check:
	@scripts/ensure build run test check
	@scripts/arrows
	@scripts/shell-check
	@$(MAKE) --no-print-directory -j$$(nproc) V=release program
	@$(MAKE) --no-print-directory -j$$(nproc) V=clang program units
	@$(MAKE) --no-print-directory test TEST_V=asan T='$(T)'
	@$(MAKE) --no-print-directory fuzz FOR=60

# Each fuzz target for FOR seconds, F=site narrows. Findings stay under build/fuzz-found.
FOR ?= 60
F ?=
fuzz:
	@scripts/ensure build check
	@$(MAKE) --no-print-directory -j$$(nproc) V=fuzz fuzz-targets
	@scripts/fuzz $(FOR) '$(F)'

# Longer than a test may take: crash proof with 300 moments, load proof, sanitizers under load.
soak:
	@scripts/ensure build run test
	@$(MAKE) --no-print-directory -j$$(nproc) V=test program
	@tests/soak '$(T)'

# `make bench B=release`: against the rivals, in one run, ratios and goal lines.
B ?= release
bench:
	@scripts/ensure build run bench
	@$(MAKE) --no-print-directory -j$$(nproc) V=release program
	@bench/$(B)

# ---- showing it ----

demo: default
	@demo/start

demo-stop:
	@demo/stop

install: default
	install -D -m 755 build/release/rusuban $(DESTDIR)$(PREFIX)/bin/rusuban
	install -D -m 644 LICENSE $(DESTDIR)$(PREFIX)/share/doc/rusuban/LICENSE
	install -D -m 644 README.md $(DESTDIR)$(PREFIX)/share/doc/rusuban/README.md

clean:
	rm -rf build compile_commands.json
