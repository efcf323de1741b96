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

FOLDERS := base site store web house notify release log
PKGS := libevent_core libevent_extra libevent_openssl openssl sqlite3 yaml-0.1 jansson libsodium libzstd zlib

# rusuban-sql is a program of its own, the only one that links DuckDB. SQL=no leaves it out.
SQL ?= yes
SQL_CPU := $(patsubst aarch64,arm64,$(patsubst x86_64,x64,$(shell uname -m)))
SQL_ENGINE := $(if $(filter x64 arm64,$(SQL_CPU)),build/npm/node_modules/@duckdb/node-bindings-linux-$(SQL_CPU)/libduckdb.so)
SQL_FILES := $(if $(filter yes,$(SQL)),$(if $(SQL_ENGINE),$(OUT)/rusuban-sql,no-engine))

# The pages (ui/) are built with packages of npm and live inside the program. UI=no leaves them out.
UI ?= yes
UI_FILES := $(shell find ui -type f)
UI_OBJECT := $(if $(filter yes,$(UI)),$(OUT)/ui/assets.o)

all := $(wildcard $(addsuffix /*.c,$(FOLDERS)))
sql_benches := $(wildcard sql/*_bench.c)
sql := $(filter-out $(sql_benches),$(wildcard sql/*.c))
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
LIBS = $(shell pkg-config --libs $(PKGS)) -lm

GOALS := default no-engine program units fuzz-targets test check fuzz bench soak demo demo-stop screenshots install install-files clean help \
	ensure-build
.PHONY: $(GOALS)
words_typed := $(foreach g,$(MAKECMDGOALS),$(if $(findstring /,$(g)),,$(g)))
unknown := $(strip $(filter-out $(GOALS) compile_commands.json,$(words_typed)))
$(if $(unknown),$(error there is no "$(unknown)" here; `make help` tells what there is))

default: ensure-build
	@$(MAKE) --no-print-directory -j$$(nproc) program

ensure-build:
	@scripts/ensure build

# build/rusuban is the release variant; others keep their names under their own folder.
program: $(OUT)/rusuban $(SQL_FILES) $(if $(filter release,$(V)),build/rusuban build/rusuban-sql compile_commands.json)
	@:

build/rusuban: $(OUT)/rusuban
	@ln -sf release/rusuban $@

build/ui/assets.c: $(UI_FILES) scripts/ui
	@scripts/ui

$(OUT)/ui/assets.o: build/ui/assets.c web/asset.h Makefile
	@mkdir -p $(@D)
	@$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(OUT)/rusuban: $(call objects,main.c $(lib)) $(UI_OBJECT)
	@$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
	@echo "  link  $@"

build/rusuban-sql: $(SQL_FILES)
	@$(if $(filter $(OUT)/%,$(SQL_FILES)),ln -sf release/rusuban-sql $@)

no-engine:
	@echo "There is no DuckDB for $(SQL_CPU) at npm, so rusuban-sql is left out: everything but SQL works." >&2

$(SQL_ENGINE): sql/package-lock.json
	@scripts/sql-engine && touch -c $@

# The library lies beside the program, which looks for it there.
$(OUT)/libduckdb.so: $(SQL_ENGINE)
	@mkdir -p $(@D) && ln -f $< $@ 2>/dev/null || cp $< $@

# DuckDB and the sanitizers' own allocator do not get along (its memory limit is the kernel's here): asan gets the test build.
ifeq ($(V),asan)
$(OUT)/rusuban-sql: $(sql) $(lib) Makefile VERSION | $(OUT)/libduckdb.so
	@$(MAKE) --no-print-directory V=test build/test/rusuban-sql
	@cp build/test/rusuban-sql $@
else
$(OUT)/rusuban-sql: $(call objects,$(sql) $(lib)) | $(OUT)/libduckdb.so
	@$(CC) $(ALL_LDFLAGS) -Wl,-rpath,'$$ORIGIN' -o $@ $^ $(OUT)/libduckdb.so $(LIBS)
	@echo "  link  $@"
endif

units: $(OUT)/units
$(OUT)/units: $(call objects,$(tests) $(lib))
	@$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

fuzz-targets: $(patsubst %.c,$(OUT)/%,$(fuzzers))
$(patsubst %.c,$(OUT)/%,$(fuzzers)): $(OUT)/%: $(OUT)/%.o $(call objects,$(lib))
	@$(CC) $(subst fuzzer-no-link,fuzzer,$(ALL_LDFLAGS)) -o $@ $^ $(LIBS)

$(OUT)/%.o: %.c Makefile VERSION
	@mkdir -p $(@D)
	@$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Each benchmark X/Y_bench.c is a program of its own: bench/Y builds and runs it.
$(patsubst %.c,$(OUT)/%,$(benches)): $(OUT)/%: $(OUT)/%.o $(call objects,$(lib))
	@$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(patsubst %.c,$(OUT)/%,$(sql_benches)): $(OUT)/%: $(OUT)/%.o $(call objects,$(filter-out sql/main.c,$(sql)) $(lib)) | $(OUT)/libduckdb.so
	@$(CC) $(ALL_LDFLAGS) -Wl,-rpath,'$$ORIGIN/..' -o $@ $^ $(OUT)/libduckdb.so $(LIBS)

# Loops over every byte of every line: let the compiler use vectors.
build/release/log/%.o: FLAGS_release += -O3

# Files inside the program (base/embed.h).
$(OUT)/store/schema.o: $(wildcard store/schema/*.sql)
$(OUT)/store/tell.o: store/event.sql
$(OUT)/site/example.o: site/example.yaml
$(OUT)/web/said.o: web/said.ltsv
$(OUT)/release/remote.o: release/host.sh
$(OUT)/release/doctor.o: release/doctor.sh
$(OUT)/log/cmd_questions.o: $(wildcard log/sql/*.sql)

compile_commands.json: Makefile $(all) $(sql) main.c
	@for f in main.c $(all) $(sql); do printf '{"directory":"%s","file":"%s","arguments":["gcc"' "$(CURDIR)" "$$f"; \
	for w in $(subst ",\\\\\",$(subst ',,$(ALL_CFLAGS))) -c "$$f"; do printf ',"%s"' "$$w"; done; printf ']}\n'; \
	done | sed -e '1s/^/[/' -e '$$!s/$$/,/' -e '$$s/$$/]/' > $@

-include $(patsubst %.c,$(OUT)/%.d,main.c $(all) $(sql) $(sql_benches))

# ---- proving it ----

# `make test T=release` runs what has release in its name. TEST_V=asan runs the same with sanitizers, TRIES=2
# plays what failed once more.
TEST_V ?= test
TRIES ?= 1
test:
	@scripts/ensure build run test
	@$(MAKE) --no-print-directory -j$$(nproc) V=$(TEST_V) program units
	@TRIES=$(TRIES) tests/run $(TEST_V) '$(T)'

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

# Pictures of every page, from a site of its own, in build/screenshots: for looking at them.
screenshots:
	@scripts/ensure build run test
	@$(MAKE) --no-print-directory -j$$(nproc) V=test program
	@RUSUBAN=build/test/rusuban tests/screenshots

# ---- putting it where it lives ----

# The pages keep their places to each other, so that their links lead somewhere. The unit is found there by systemd when
# PREFIX is /usr or /usr/local; it starts nothing by being there.
DOCDIR ?= $(PREFIX)/share/doc/rusuban
UNITDIR ?= $(PREFIX)/lib/systemd/system

install: default
	@$(MAKE) --no-print-directory install-files

install-files:
	install -D -m 755 $(OUT)/rusuban $(DESTDIR)$(PREFIX)/bin/rusuban
	$(if $(filter $(OUT)/%,$(SQL_FILES)),install -m 755 $(OUT)/rusuban-sql $(DESTDIR)$(PREFIX)/bin/rusuban-sql)
	$(if $(filter $(OUT)/%,$(SQL_FILES)),install -m 644 $(OUT)/libduckdb.so $(DESTDIR)$(PREFIX)/bin/libduckdb.so)
	install -d $(DESTDIR)$(DOCDIR)/docs $(DESTDIR)$(UNITDIR)
	install -m 644 LICENSE README.md CONTRIBUTING.md $(DESTDIR)$(DOCDIR)
	install -m 644 docs/*.md docs/*.svg docs/*.png docs/*.json docs/*.service $(DESTDIR)$(DOCDIR)/docs
	for unit in rusuban rusuban-agent; do \
		sed 's|/usr/local/share/doc/rusuban|$(DOCDIR)|; s|/usr/local|$(PREFIX)|' docs/$$unit.service \
			>$(DESTDIR)$(UNITDIR)/$$unit.service && chmod 644 $(DESTDIR)$(UNITDIR)/$$unit.service || exit 1; done

clean:
	rm -rf build compile_commands.json

help:
	@printf '%s\n' \
		'make                 build/rusuban, after installing the Debian packages that it needs (ENSURE=no: install nothing)' \
		'                     and build/rusuban-sql with DuckDB from npm (SQL=no: without it);' \
		'                     the pages come from npm packages too (UI=no: the API and the command line alone)' \
		'make demo            a small site on three hosts of this machine; PORT=8300 for other ports than 8100 to 8199' \
		'make demo-stop       end it' \
		'make screenshots     a picture of every page in build/screenshots' \
		'make test            every test; T=release for those with that in their name' \
		'make install         PREFIX=/usr/local, DESTDIR= for packages: the program, its pages, a unit for systemd' \
		'make check           both compilers, shell scripts, all tests under sanitizers, a minute of each fuzz target' \
		'make fuzz            each fuzz target for FOR=60 seconds; F=manifest for one' \
		'make soak            longer than a test may take: hundreds of crashes, load' \
		'make bench           against rivals; B=release, start, log, log-sql, log-watch, web or paint' \
		'make clean           remove build/' \
		'' 'What the program does: build/rusuban help. How to change it: CONTRIBUTING.md.'
