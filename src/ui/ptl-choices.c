/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of a form as one line of text. */
#include "config.h"

#include "ui/ptl-choices.h"

#include <math.h>

#define NO "no-"

typedef struct
{
  const char        *key;
  const char *const *words; /* of a drop-down; else NULL */
  GtkWidget         *widget;
  double             first; /* the value of a new form */
} Choice;

struct _PtlChoices
{
  GArray *choices; /* of Choice */
};

/* A number, the place in a list, or 0 and 1. */
static double
get_value (const Choice *choice)
{
  if (GTK_IS_DROP_DOWN (choice->widget))
    return gtk_drop_down_get_selected (GTK_DROP_DOWN (choice->widget));
  if (GTK_IS_SPIN_BUTTON (choice->widget))
    return gtk_spin_button_get_value (GTK_SPIN_BUTTON (choice->widget));
  return gtk_check_button_get_active (GTK_CHECK_BUTTON (choice->widget));
}

static void
set_value (const Choice *choice,
           double        value)
{
  if (GTK_IS_DROP_DOWN (choice->widget))
    gtk_drop_down_set_selected (GTK_DROP_DOWN (choice->widget), (guint) value);
  else if (GTK_IS_SPIN_BUTTON (choice->widget))
    gtk_spin_button_set_value (GTK_SPIN_BUTTON (choice->widget), value); /* within its bounds */
  else
    gtk_check_button_set_active (GTK_CHECK_BUTTON (choice->widget), value != 0);
}

static void
append (GString      *text,
        const Choice *choice)
{
  double value = get_value (choice);

  if (value == choice->first)
    return;
  if (text->len > 0)
    g_string_append_c (text, ' ');
  if (GTK_IS_DROP_DOWN (choice->widget))
    g_string_append_printf (text, "%s=%s", choice->key, choice->words[(guint) value]);
  else if (GTK_IS_SPIN_BUTTON (choice->widget))
    {
      char number[G_ASCII_DTOSTR_BUF_SIZE];
      double places = pow (10, gtk_spin_button_get_digits (GTK_SPIN_BUTTON (choice->widget)));

      /* As it is seen, without what the binary form of a tenth adds. */
      g_ascii_formatd (number, sizeof number, "%.6g", round (value * places) / places);
      g_string_append_printf (text, "%s=%s", choice->key, number);
    }
  else
    g_string_append_printf (text, "%s%s", value != 0 ? "" : NO, choice->key);
}

/* What @word says of @choice; FALSE: nothing. */
static gboolean
read_word (const char   *word,
           const Choice *choice,
           double       *value)
{
  gsize len = strlen (choice->key);
  char *end;

  if (GTK_IS_CHECK_BUTTON (choice->widget))
    {
      *value = g_str_equal (word, choice->key);
      return *value != 0 || (g_str_has_prefix (word, NO)
                             && g_str_equal (word + strlen (NO), choice->key));
    }
  if (strncmp (word, choice->key, len) != 0 || word[len] != '=')
    return FALSE;
  word += len + 1;
  if (choice->words != NULL)
    {
      for (guint i = 0; choice->words[i] != NULL; i++)
        if (g_str_equal (word, choice->words[i]))
          {
            *value = i;
            return TRUE;
          }
      return FALSE;
    }
  *value = g_ascii_strtod (word, &end);
  return end != word && *end == '\0' && isfinite (*value);
}

PtlChoices *
ptl_choices_new (void)
{
  PtlChoices *self = g_new0 (PtlChoices, 1);

  self->choices = g_array_new (FALSE, FALSE, sizeof (Choice));
  return self;
}

void
ptl_choices_free (PtlChoices *self)
{
  g_array_unref (self->choices);
  g_free (self);
}

void
ptl_choices_add (PtlChoices        *self,
                 const char        *key,
                 GtkWidget         *widget,
                 const char *const *words)
{
  Choice choice = { .key = key, .words = words, .widget = widget };

  g_return_if_fail (GTK_IS_DROP_DOWN (widget) == (words != NULL));

  choice.first = get_value (&choice);
  g_array_append_val (self->choices, choice);
}

char *
ptl_choices_to_text (PtlChoices *self)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < self->choices->len; i++)
    append (text, &g_array_index (self->choices, Choice, i));
  return g_string_free (text, FALSE);
}

void
ptl_choices_from_text (PtlChoices *self,
                       const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", 2 * (int) self->choices->len + 1);

  for (guint i = 0; i < self->choices->len; i++)
    {
      const Choice *choice = &g_array_index (self->choices, Choice, i);
      double value, found = choice->first;

      for (char **word = words; *word != NULL; word++)
        if (read_word (*word, choice, &value))
          found = value;
      set_value (choice, found);
    }
}
