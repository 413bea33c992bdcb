// A stand-in: the kernel's doubly linked list. A list is a ring through its head.
#ifndef HOLDFAST_LINUX_LIST_H_
#define HOLDFAST_LINUX_LIST_H_

#include <linux/kernel.h>

#define LIST_HEAD(name) struct list_head name = {&name, &name}

static inline void INIT_LIST_HEAD(struct list_head* head) { head->next = head->prev = head; }
static inline bool list_empty(const struct list_head* head) { return head->next == head; }

static inline void holdfast_list_insert(struct list_head* entry, struct list_head* before,
                                        struct list_head* after) {
  entry->prev = before;
  entry->next = after;
  before->next = after->prev = entry;
}
static inline void list_add(struct list_head* entry, struct list_head* head) {
  holdfast_list_insert(entry, head, head->next);
}
static inline void list_add_tail(struct list_head* entry, struct list_head* head) {
  holdfast_list_insert(entry, head->prev, head);
}

// The pointers of an entry without a list are NULL: to delete an entry twice is a crash.
static inline void list_del(struct list_head* entry) {
  entry->prev->next = entry->next;
  entry->next->prev = entry->prev;
  entry->next = entry->prev = NULL;
}
static inline void list_del_init(struct list_head* entry) {
  list_del(entry);
  INIT_LIST_HEAD(entry);
}

#define list_entry(pointer, type, member) container_of(pointer, type, member)
#define list_first_entry(head, type, member) list_entry((head)->next, type, member)
#define list_for_each_entry(entry, head, member)                         \
  for ((entry) = list_entry((head)->next, __typeof__(*(entry)), member); \
       &(entry)->member != (head);                                       \
       (entry) = list_entry((entry)->member.next, __typeof__(*(entry)), member))
#define list_for_each_entry_safe(entry, after, head, member)                    \
  for ((entry) = list_entry((head)->next, __typeof__(*(entry)), member),        \
      (after) = list_entry((entry)->member.next, __typeof__(*(entry)), member); \
       &(entry)->member != (head); (entry) = (after),                           \
      (after) = list_entry((after)->member.next, __typeof__(*(after)), member))

#endif  // HOLDFAST_LINUX_LIST_H_
