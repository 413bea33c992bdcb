// A stand-in that behaves on purpose: the live update orchestrator (LUO) in its three generations
// (model/profile.h, enum Luo), as far as file-lifecycle-bound objects (FLB) need it. There is one
// handler and one FLB. The adapter's verbs drive the sessions.
#ifndef HOLDFAST_LINUX_LIVEUPDATE_H_
#define HOLDFAST_LINUX_LIVEUPDATE_H_

#include <linux/compiler.h>
#include <linux/module.h>

#define LIVEUPDATE_FLB_COMPAT_LENGTH 48
#define LIVEUPDATE_HNDL_COMPAT_LENGTH 48

struct liveupdate_flb;

struct liveupdate_flb_op_args {
  struct liveupdate_flb* flb;
  u64 data;   // physical address of the top record: set by preserve, given to the others
  void* obj;  // set by preserve and retrieve, given to unpreserve and finish
};

struct liveupdate_flb_ops {
  int (*preserve)(struct liveupdate_flb_op_args* argp);
  void (*unpreserve)(struct liveupdate_flb_op_args* argp);
  int (*retrieve)(struct liveupdate_flb_op_args* argp);
  void (*finish)(struct liveupdate_flb_op_args* argp);
  struct module* owner;
};

struct liveupdate_flb {
  const struct liveupdate_flb_ops* ops;
  const char compatible[LIVEUPDATE_FLB_COMPAT_LENGTH];
};

struct liveupdate_file_handler {
  const char compatible[LIVEUPDATE_HNDL_COMPAT_LENGTH];
};

HOLDFAST_BEGIN_C
bool liveupdate_enabled(void);
int liveupdate_register_flb(struct liveupdate_file_handler* handler, struct liveupdate_flb* flb);
void liveupdate_unregister_flb(struct liveupdate_file_handler* handler, struct liveupdate_flb* flb);
int liveupdate_flb_get_incoming(struct liveupdate_flb* flb, void** objp);
void liveupdate_flb_put_incoming(struct liveupdate_flb* flb);
int liveupdate_flb_get_outgoing(struct liveupdate_flb* flb, void** objp);
void liveupdate_flb_put_outgoing(struct liveupdate_flb* flb);
HOLDFAST_END_C

#endif  // HOLDFAST_LINUX_LIVEUPDATE_H_
