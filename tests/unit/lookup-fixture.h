/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A name server that behaves and misbehaves, for the time of a test, and waiting for a lookup. */
#pragma once

#include "dns-stub.h"

#define WAIT_S 20

typedef struct
{
  Stub  stub;
  char  server[PTL_ADDRESS_TEXT_MAX];
} Fixture;

static void
set_up (Fixture    *fixture,
        const void *data)
{
  stub_start (&fixture->stub);
  ptl_address_format (&fixture->stub.address, fixture->server, sizeof fixture->server);
}

static void
tear_down (Fixture    *fixture,
           const void *data)
{
  stub_stop (&fixture->stub);
}

static gboolean
on_deadline (gpointer data)
{
  g_error ("it takes too long");
  return G_SOURCE_REMOVE;
}

static void
wait_idle (gpointer object)
{
  guint deadline = g_timeout_add_seconds (WAIT_S, on_deadline, NULL);
  gboolean busy = TRUE;

  while (busy)
    {
      g_object_get (object, "busy", &busy, NULL);
      if (busy)
        g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (deadline);
}
