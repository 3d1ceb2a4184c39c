# The commands of the README, and what they are made of. CMake users: see CMakePresets.json.
BUILD := build
JOBS  := $(shell nproc)

# What ctest's log says of tests that were left out.
WHY_SKIPPED = awk '/: Skipped$$/ { getline why; getline name; \
	sub(/.*SKIPPED \] /, "", name); sub(/ \(.*/, "", name); print "skipped " name ": " why }' \
	Testing/Temporary/LastTest.log

.PHONY: demo test build program setup test-core check-long fuzz format clean

# The whole pipeline on synthetic pictures; the report is runs/demo/report.html.
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

check-long: build
	cd $(BUILD) && ctest --output-on-failure -L long && $(WHY_SKIPPED)

# The fuzz targets under libFuzzer (clang-14, libclang-rt-14-dev), ten minutes each.
fuzz:
	fuzz/run.sh

format:
	git ls-files '*.cpp' '*.h' | xargs clang-format-14 -i

clean:
	rm -rf build build-core
