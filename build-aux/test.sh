#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds Portlight and runs its tests; what they need and is missing is installed.
#
# The last line is "N passed, N failed", with ", N skipped" behind it if some were; the exit status
# is 0 if none failed.
set -eu

usage ()
{
  cat <<'USAGE'
usage: sh build-aux/test.sh [OPTION ...]

  (none)          every test, in build-test/
  --plain         the same, beside one or more of these:
  --asan          every test with AddressSanitizer and UndefinedBehaviorSanitizer, in build-asan/
  --tsan          the tests of the core with ThreadSanitizer, in build-tsan/
  --fuzz SECONDS  each fuzzer for that long, in build-fuzz/
  --bench         the benchmarks, in build-bench/; each goal counts as one
  --long          250 datagrams a second into the window for ten minutes, not two
  --only NAME     only the test, suite (unit, socket, ui, checks, ...) or benchmark of this name
  --werror        warnings are errors (as where CI is set)
  --help          this text
USAGE
}

modes=
only=
fuzz_seconds=60
werror=false
if [ -n "${CI:-}" ]
then
  werror=true
fi
while [ $# -gt 0 ]
do
  case $1 in
    --plain) modes="$modes plain" ;;
    --asan) modes="$modes asan" ;;
    --tsan) modes="$modes tsan" ;;
    --bench) modes="$modes bench" ;;
    --fuzz)
      modes="$modes fuzz"
      fuzz_seconds=${2:-}
      case $fuzz_seconds in
        '' | *[!0-9]*)
          usage >&2
          exit 2
          ;;
      esac
      shift
      ;;
    --only)
      only=${2:-}
      if [ -z "$only" ]
      then
        usage >&2
        exit 2
      fi
      shift
      ;;
    --long)
      PTL_TEST_LONG=1
      export PTL_TEST_LONG
      ;;
    --werror) werror=true ;;
    --help)
      usage
      exit 0
      ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
  shift
done
modes=${modes:-plain}

cd "$(dirname "$0")/.."
. build-aux/packages.sh

ptl_need build display test
case $modes in
  *fuzz*) ptl_need_fuzz ;;
esac

counts=$(mktemp)
trap 'rm -f "$counts"' EXIT
trap 'exit 130' INT TERM

# Older ThreadSanitizers cannot live with as much randomness as newer kernels put into addresses.
fixed_addresses=

# run_tests DIR ARGUMENT-OF-MESON-TEST...: adds to the counts.
run_tests ()
{
  dir=$1
  shift
  ninja -C "$dir" || ptl_die "$dir could not be built"
  log=$dir/meson-logs/testlog.json
  rm -f "$log"
  # "only" is the name of a suite or of tests.
  if [ -n "$only" ]
  then
    if meson introspect --tests "$dir" | "$(ptl_python)" build-aux/count-tests.py --suite "$only"
    then
      set -- "$@" --suite "$only"
    else
      set -- "$@" "$only"
    fi
  fi
  # One more than there are processors: two of the first tests sleep for most of two minutes.
  $fixed_addresses meson test -C "$dir" --no-rebuild --print-errorlogs \
    --num-processes $(($(nproc) + 1)) "$@" || true
  "$(ptl_python)" build-aux/count-tests.py "$log" >>"$counts"
}

sanitizer_options ()
{
  G_SLICE=always-malloc
  ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
  LSAN_OPTIONS=suppressions=$PWD/tests/lsan.supp:print_suppressions=0
  UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
  TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:ignore_noninstrumented_modules=1
  # Of each module that GIO finds it keeps something that nothing points to.
  GIO_MODULE_DIR=/nonexistent
  export GIO_MODULE_DIR
  export G_SLICE ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS
}

for mode in $modes
do
  case $mode in
    plain)
      ptl_say 'the tests'
      ptl_configure build-test -Dtests=true -Dwerror=$werror
      run_tests build-test ${PTL_TEST_LONG:+-t 5}
      ;;
    asan)
      ptl_say 'the tests, with AddressSanitizer and UndefinedBehaviorSanitizer'
      ptl_configure build-asan -Dtests=true -Dwerror=$werror \
        -Db_sanitize=address,undefined -Db_lundef=false
      (
        sanitizer_options
        PTL_SLOW=5
        export PTL_SLOW
        run_tests build-asan -t 5
      )
      ;;
    tsan)
      ptl_say 'the tests of the core, with ThreadSanitizer'
      ptl_configure build-tsan -Dtests=true -Dwerror=$werror \
        -Db_sanitize=thread -Db_lundef=false
      (
        sanitizer_options
        if setarch "$(uname -m)" -R true 2>/dev/null
        then
          fixed_addresses="setarch $(uname -m) -R"
        fi
        PTL_SLOW=10
        export PTL_SLOW
        if [ -n "$only" ]
        then
          run_tests build-tsan -t 10
        else
          run_tests build-tsan -t 10 --suite core
        fi
      )
      ;;
    fuzz)
      ptl_say "the fuzzers, $fuzz_seconds s each"
      [ -f build-fuzz/build.ninja ] || CC=clang meson setup build-fuzz -Dfuzz=true -Dtests=false \
        -Db_sanitize=address,undefined -Db_lundef=false || ptl_die 'build-fuzz could not be set up'
      ninja -C build-fuzz || ptl_die 'build-fuzz could not be built'
      passed=0
      failed=0
      for fuzzer in build-fuzz/tests/fuzz/fuzz-*
      do
        case $fuzzer in
          *.p | *.dict) continue ;;
        esac
        name=$(basename "$fuzzer")
        case $name in
          *"$only"*) ;;
          *) continue ;;
        esac
        corpus=build-fuzz/corpus/$name
        mkdir -p "$corpus" build-fuzz/found
        set -- "$corpus"
        if [ -d "tests/fuzz/corpus/$name" ]
        then
          set -- "$@" "tests/fuzz/corpus/$name"
        fi
        ptl_say "$name"
        if (
          sanitizer_options
          "$fuzzer" -max_total_time="$fuzz_seconds" -print_final_stats=1 -timeout=10 \
            -artifact_prefix="build-fuzz/found/$name-" "$@"
        ) >"build-fuzz/$name.log" 2>&1
        then
          passed=$((passed + 1))
          grep 'stat::number_of_executed_units' "build-fuzz/$name.log" || true
        else
          failed=$((failed + 1))
          tail -n 60 "build-fuzz/$name.log"
        fi
      done
      echo "$passed $failed 0" >>"$counts"
      ;;
    bench)
      ptl_say 'the benchmarks'
      ptl_configure build-bench -Dbench=true -Dtests=true -Dbuildtype=release
      ninja -C build-bench || ptl_die 'build-bench could not be built'
      rm -f build-bench/figures.json
      "$(ptl_python)" tests/bench/run.py --build build-bench --json build-bench/figures.json \
        "${only:-all}" || true
      "$(ptl_python)" build-aux/count-tests.py --figures build-bench/figures.json >>"$counts"
      ;;
  esac
done

awk '{ p += $1; f += $2; s += $3 }
     END {
       printf "%d passed, %d failed", p, f
       if (s > 0)
         printf ", %d skipped", s
       printf "\n"
       exit f > 0 || p == 0
     }' "$counts"
