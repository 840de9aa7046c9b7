/* SPDX-License-Identifier: Apache-2.0 */
/* Running a seccomp filter without a kernel. */
#ifndef SBX_TESTS_UNIT_BPF_H
#define SBX_TESTS_UNIT_BPF_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>

/* No verdict: the kernel would refuse this program. */
#define BPF_INVALID UINT32_MAX

/* What seccomp would do with this call. */
uint32_t bpf_run(const struct sock_fprog *prog,
		 const struct seccomp_data *data);

#endif
