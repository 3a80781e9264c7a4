/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Timers of one worker: a binary heap by deadline.  A timer is a member of what it belongs to. */
#pragma once

#include <stdint.h>

typedef struct _PtlTimer PtlTimer;

typedef void (*PtlTimerFunc) (PtlTimer *timer,
                              uint64_t  now_ns);

struct _PtlTimer
{
  uint64_t     deadline_ns;
  PtlTimerFunc func;
  unsigned     place; /* in the heap, from 1; 0: not set */
};

typedef struct
{
  PtlTimer **heap; /* owned array of borrowed timers, from place 1 */
  unsigned   n;
  unsigned   size;
} PtlTimers;

void     ptl_timers_clear (PtlTimers *timers);
/* Sets or moves it. */
void     ptl_timers_set   (PtlTimers *timers,
                           PtlTimer  *timer,
                           uint64_t   deadline_ns);
/* Takes it out; nothing when it is not set. */
void     ptl_timers_unset (PtlTimers *timers,
                           PtlTimer  *timer);
/* The earliest deadline, UINT64_MAX when there is none. */
uint64_t ptl_timers_get_next (const PtlTimers *timers);
/* Calls what is due, each taken out before its call; it may set and unset any of them. */
void     ptl_timers_run   (PtlTimers *timers,
                           uint64_t   now_ns);
