// A stand-in: a sorted list behind the kernel's names for a red-black tree. No code here sees the
// shape of a tree, and no tree here has more than a few nodes.
#ifndef HOLDFAST_LINUX_RBTREE_H_
#define HOLDFAST_LINUX_RBTREE_H_

#include <linux/kernel.h>

struct rb_node {
  struct rb_node* next;
};
struct rb_root {
  struct rb_node* first;
};

#define RB_ROOT ((struct rb_root){NULL})
#define rb_entry(pointer, type, member) container_of(pointer, type, member)

static inline struct rb_node* rb_first(const struct rb_root* root) { return root->first; }
static inline struct rb_node* rb_next(const struct rb_node* node) { return node->next; }

// Adds the node, unless an equal node is there. Then the result is that node.
static inline struct rb_node* rb_find_add(struct rb_node* node, struct rb_root* root,
                                          int (*compare)(struct rb_node*, const struct rb_node*)) {
  struct rb_node** place = &root->first;

  while (*place && compare(node, *place) > 0) place = &(*place)->next;
  if (*place && compare(node, *place) == 0) return *place;
  node->next = *place;
  *place = node;
  return NULL;
}

#endif  // HOLDFAST_LINUX_RBTREE_H_
