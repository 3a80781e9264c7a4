/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What went wrong, as a value that crosses from a worker to the window; the words are put on it
 * there, translated. */
#pragma once

#include "ptl-address.h"

typedef enum
{
  PTL_STEP_NONE, /* nothing went wrong */
  PTL_STEP_RESOLVE,
  PTL_STEP_SOCKET,
  PTL_STEP_OPTION,
  PTL_STEP_BIND,
  PTL_STEP_LISTEN,
  PTL_STEP_ACCEPT,
  PTL_STEP_CONNECT,
  PTL_STEP_SEND,
  PTL_STEP_RECEIVE,
  PTL_STEP_SHUTDOWN,
  PTL_STEP_MEMBERSHIP,
  PTL_STEP_LOG,
  PTL_STEP_CONNECT_TIMEOUT,
  PTL_STEP_IDLE_TIMEOUT,
  PTL_STEP_UNSUPPORTED, /* the kernel made the socket, we have no address form for its family */
  PTL_N_STEPS
} PtlStep;

typedef struct
{
  PtlStep    step;
  int        sys_errno; /* positive, 0 where it is not of the system */
  int        gai_code;  /* EAI_* of PTL_STEP_RESOLVE, else 0 */
  int        detail;    /* PTL_STEP_OPTION: a PtlOptionId of the calls list; else 0 */
  PtlAddress address;   /* what it was about; may be empty */
} PtlFault;
