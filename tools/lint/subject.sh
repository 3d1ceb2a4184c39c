#!/usr/bin/env bash
# Fails when a commit's first line is longer than 72 characters or names no module.
# Usage: tools/lint/subject.sh FILE, the file that git keeps the message in.
set -euo pipefail
subject=$(head -n 1 "$1")
case $subject in Merge* | Revert* | fixup!* | squash!*) exit 0 ;; esac
if [ ${#subject} -gt 72 ]; then
  echo "subject: ${#subject} characters, at most 72: $subject" >&2
  exit 1
fi
if ! [[ $subject =~ ^[a-z][a-z0-9_/.,\ -]*:\  ]]; then
  echo "subject: does not begin with what it changes, as in 'teacher: ...': $subject" >&2
  exit 1
fi
