# The commands of the README, and what they are made of. CMake users: see CMakePresets.json.
BUILD := build
JOBS  := $(shell nproc)

# What ctest's log says of tests that were left out.
WHY_SKIPPED = awk '/: Skipped$$/ { getline why; getline name; \
	sub(/.*SKIPPED \] /, "", name); sub(/ \(.*/, "", name); print "skipped " name ": " why }' \
	Testing/Temporary/LastTest.log

# libtorch is not instrumented: it allocates what it never frees.
ASAN_TORCH = ASAN_OPTIONS=detect_leaks=0:detect_odr_violation=0
TSAN = TSAN_OPTIONS=halt_on_error=1:suppressions=$(CURDIR)/tools/lint/tsan_suppressions.txt

.PHONY: demo test build program setup test-core aarch64 minimal minimal-aarch64 check-long lint lint-setup tidy sanitize \
	sanitize-all sanitize-torch tsan fuzz format clean

# The whole pipeline on synthetic images; the report is runs/demo/report.html.
demo:
	@$(MAKE) --no-print-directory program THEN="; then the demo, about 6 min on two cores"
	$(BUILD)/litemedcot demo

test: build
	cd $(BUILD) && ctest --no-tests=error --output-on-failure -j $(JOBS) -LE long && $(WHY_SKIPPED)

# The program alone, without tests; says first how long that takes.
program:
	tools/setup.sh --program
	cmake --preset release --log-level=WARNING
	@tools/build_estimate.sh $(BUILD) $(JOBS) "$(THEN)"
	NINJA_STATUS="[%f/%t, %e s] " cmake --build $(BUILD) -j $(JOBS) --target litemedcot

build: setup
	cmake --preset release
	cmake --build $(BUILD) -j $(JOBS)

# Debian packages and libtorch, each only where missing.
setup:
	tools/setup.sh

# Everything that needs no libtorch: builds in a few minutes.
test-core:
	tools/setup.sh --no-torch
	cmake --preset core
	cmake --build build-core -j $(JOBS)
	cd build-core && ctest --output-on-failure -j $(JOBS) -LE long && $(WHY_SKIPPED)

# The program without libtorch for 64-bit ARM, in build-aarch64; the modules' tests run under QEMU.
aarch64:
	tools/setup.sh --aarch64
	cmake --preset aarch64
	cmake --build build-aarch64 -j $(JOBS) --target litemedcot module_tests
	cd build-aarch64 && ctest --no-tests=error --output-on-failure -j $(JOBS) \
	  -L 'unit\.' -LE 'unit\.apps|long' && $(WHY_SKIPPED)

# The program for a device: one file that needs no shared library, in build-minimal and
# build-minimal-aarch64.
minimal:
	tools/setup.sh --no-torch
	tools/static_curl.sh .static-curl
	cmake --preset minimal
	cmake --build --preset minimal -j $(JOBS)

minimal-aarch64:
	tools/setup.sh --aarch64
	tools/static_curl.sh .static-curl-aarch64 -DCMAKE_TOOLCHAIN_FILE=$(CURDIR)/cmake/aarch64.cmake
	cmake --preset minimal-aarch64
	cmake --build --preset minimal-aarch64 -j $(JOBS)

# Before an issue ends: what takes too long for every change.
check-long: build
	@if aarch64-linux-gnu-g++ --version && qemu-aarch64 --version; then $(MAKE) aarch64; else \
	  echo "skipped aarch64: no cross compiler or no QEMU here; tools/setup.sh --aarch64 installs them"; fi
	cd $(BUILD) && ctest --no-tests=error --output-on-failure -L long && $(WHY_SKIPPED)
	$(MAKE) tidy
	$(MAKE) sanitize-all
	$(MAKE) tsan
	$(MAKE) sanitize-torch

# What no compiler and no test looks at; the tools go into .venv-lint.
lint:
	tools/lint/check.sh

lint-setup:
	tools/lint/setup.sh

# clang-tidy on all that needs no libtorch; `.ci/run` looks at what changed.
tidy: lint-setup
	tools/lint/tidy.py --all --build $(BUILD)

# The quick tests of every module without libtorch, with ASan and UBSan.
sanitize:
	tools/setup.sh --no-torch
	cmake --preset sanitize
	cmake --build build-sanitize -j $(JOBS) --target module_tests
	cd build-sanitize && ctest --no-tests=error --output-on-failure -j $(JOBS) \
	  -L 'unit\.|fuzz' -LE 'unit\.apps|long'

# The same with the program and the tests that run it.
sanitize-all: sanitize
	cmake --build build-sanitize -j $(JOBS)
	cd build-sanitize && ctest --no-tests=error --output-on-failure -j $(JOBS) -L 'apps|program' -LE long

# Model and training with ASan.
sanitize-torch: setup
	cmake --preset sanitize-torch
	cmake --build build-sanitize-torch -j $(JOBS) --target model_test train_test
	cd build-sanitize-torch && $(ASAN_TORCH) ctest --no-tests=error --output-on-failure -j $(JOBS) \
	  -L 'unit\.(model|train)' -LE long

# The modules with threads of their own.
tsan:
	tools/setup.sh --no-torch
	cmake --preset tsan
	cmake --build build-tsan -j $(JOBS) --target base_test net_test record_test client_test teacher_test serve_test \
	  runtime_test
	cd build-tsan && $(TSAN) ctest --no-tests=error --output-on-failure -j $(JOBS) \
	  -L 'unit\.(base|net|record|client|teacher|serve|runtime)' -LE long

# The fuzz targets under libFuzzer (clang-14, libclang-rt-14-dev), ten minutes each.
fuzz:
	fuzz/run.sh

format: lint-setup
	git ls-files '*.cpp' '*.h' | xargs .venv-lint/bin/clang-format -i

clean:
	rm -rf build build-core build-aarch64 build-minimal build-minimal-aarch64 build-sanitize build-sanitize-torch build-tsan
