/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening and reading a log's folder in which anything may lie.
 *
 *    input:  how (1) header_len (1) peers_len (2) index_len (2), then header, peers, index, data
 *
 * With bit 0 of how the header is a sound one, so that what comes after it is reached. */
#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ptl-event.h"
#include "log/ptl-filter.h"
#include "log/ptl-log-private.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes,
                            size_t         len_bytes);

#define HEAD_BYTES 6u
/* Frames that are looked at one by one. */
#define FRAMES_MAX 2000u

static char *parent;
static char *dir;

static void
remove_folder (void)
{
  static const char *const names[] = { "header", "index", "data", "peers", "lock" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (dir, names[i], NULL);

      unlink (path);
    }
  rmdir (dir);
  rmdir (parent);
}

static void
make_folder (void)
{
  g_autoptr (PtlLog) log = NULL;

  parent = g_dir_make_tmp ("ptl-fuzz-log-XXXXXX", NULL);
  g_assert_nonnull (parent);
  dir = g_build_filename (parent, "log", NULL);
  log = ptl_log_create (dir, "tcp://127.0.0.1:1", 0, NULL);
  g_assert_nonnull (log);
  atexit (remove_folder);
}

static void
write_file (const char    *name,
            const uint8_t *bytes,
            size_t         len_bytes)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  int              fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, bytes, len_bytes), ==, (ssize_t) len_bytes);
  close (fd);
}

/* The next @len_bytes bytes of the input, or what is left of them. */
static const uint8_t *
take (const uint8_t **bytes,
      size_t         *left,
      size_t         *len_bytes)
{
  const uint8_t *taken = *bytes;

  *len_bytes = MIN (*len_bytes, *left);
  *bytes += *len_bytes;
  *left -= *len_bytes;
  return taken;
}

static void
read_log (PtlLog *log)
{
  g_autoptr (PtlFilter) filter = ptl_filter_parse ("-zz peer:1", NULL, NULL);
  uint64_t              n_frames = ptl_log_get_n_frames (log);
  uint8_t               bytes[4096];
  PtlAddress            address;
  PtlFrame              frame;
  char                  text[PTL_ADDRESS_TEXT_MAX];

  g_assert_true (g_utf8_validate (ptl_log_get_uri (log), -1, NULL));
  for (uint64_t n = 0; n <= MIN (n_frames, FRAMES_MAX); n++)
    {
      bool sound = ptl_log_get_frame (log, n, &frame);

      g_assert_true (n < n_frames || !sound);
      g_assert_cmpint (sound, ==, frame.kind < PTL_N_FRAME_KINDS);
      ptl_filter_match (filter, log, &frame);
      if (!sound)
        continue;
      /* A sound record has all its bytes. */
      g_assert_cmpint (ptl_log_read (log, &frame, 0, bytes, sizeof bytes), ==,
                       (ssize_t) MIN (frame.length, sizeof bytes));
      if (frame.kind == PTL_FRAME_EVENT)
        {
          PtlEvent event;

          ptl_event_decode (&event, frame.code, bytes, MIN (frame.length, sizeof bytes));
        }
      if (ptl_log_get_peer (log, frame.peer, &address))
        ptl_address_format (&address, text, sizeof text);
    }
  for (uint32_t peer = 0; peer <= MIN (ptl_log_get_n_peers (log) + 1, FRAMES_MAX); peer++)
    if (ptl_log_get_peer (log, peer, &address))
      ptl_address_format (&address, text, sizeof text);
  g_assert_cmpuint (ptl_log_find_time (log, n_frames), <=, n_frames);
  g_assert_false (ptl_log_get_frame (log, UINT64_MAX, &frame));
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t         len_bytes)
{
  PtlLogHeader       sound = { .magic = PTL_LOG_MAGIC,
                               .order = PTL_LOG_ORDER,
                               .version = PTL_LOG_VERSION };
  g_autoptr (PtlLog) log = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv)     left = NULL;
  const uint8_t     *head = bytes;
  const uint8_t     *header;
  const uint8_t     *peers;
  const uint8_t     *index;
  size_t             header_len;
  size_t             peers_len;
  size_t             index_len;

  if (len_bytes < HEAD_BYTES)
    return 0;
  if (dir == NULL)
    make_folder ();
  header_len = head[1];
  peers_len = (size_t) (head[2] | head[3] << 8);
  index_len = (size_t) (head[4] | head[5] << 8);
  bytes += HEAD_BYTES;
  len_bytes -= HEAD_BYTES;

  header = take (&bytes, &len_bytes, &header_len);
  if (head[0] & 1)
    write_file ("header", (const uint8_t *) &sound, sizeof sound);
  else
    write_file ("header", header, header_len);
  peers = take (&bytes, &len_bytes, &peers_len);
  write_file ("peers", peers, peers_len);
  index = take (&bytes, &len_bytes, &index_len);
  write_file ("index", index, index_len);
  write_file ("data", bytes, len_bytes);

  log = ptl_log_open (dir, &error);
  g_assert_true ((log == NULL) == (error != NULL));
  if (log != NULL)
    read_log (log);
  g_clear_pointer (&log, ptl_log_unref);
  left = ptl_log_list_left (parent);
  g_assert_cmpuint (g_strv_length (left), ==, error == NULL || index_len > 0);
  return 0;
}
