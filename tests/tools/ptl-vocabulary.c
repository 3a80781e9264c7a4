/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints the words of the vocabulary, for a test that compares them with the system.
 *
 * Fields end with US (0x1f), records with RS (0x1e):
 *   "term", name, meaning, show
 *   "value", name, number, meaning               of the term before
 *   "call" or "function", name, meaning, arguments, C, Python, errors, show, what */
#include "config.h"

#include <stdio.h>

#include "ui/ptl-vocabulary-words.h"

static void
put_calls (const char        *kind,
           const PtlWordCall *calls,
           guint              n)
{
  for (guint i = 0; i < n; i++)
    printf ("%s\x1f%s\x1f%s\x1f%s\x1f%s\x1f%s\x1f%s\x1f%d\x1f%s\x1f\x1e", kind, calls[i].name,
            calls[i].meaning, calls[i].arguments, calls[i].c_form, calls[i].python_form,
            calls[i].errors, calls[i].show, calls[i].what != NULL ? calls[i].what : "");
}

int
main (void)
{
  guint n;
  const PtlWordTerm *terms = ptl_vocabulary_list_terms (&n);
  const PtlWordCall *calls;

  for (guint i = 0; i < n; i++)
    {
      printf ("term\x1f%s\x1f%s\x1f%d\x1f\x1e", terms[i].name, terms[i].meaning, terms[i].show);
      for (guint k = 0; k < terms[i].n_values; k++)
        {
          const PtlWordValue *value = &terms[i].values[k];

          printf ("value\x1f%s\x1f%d\x1f%s\x1f\x1e", value->name, value->number,
                  value->meaning != NULL ? value->meaning : "");
        }
    }
  calls = ptl_vocabulary_list_calls (&n);
  put_calls ("call", calls, n);
  calls = ptl_vocabulary_list_functions (&n);
  put_calls ("function", calls, n);
  return 0;
}
