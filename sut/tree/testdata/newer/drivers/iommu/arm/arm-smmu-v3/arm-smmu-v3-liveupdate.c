// SPDX-License-Identifier: MIT
/* A small kernel tree for tests: the live update of its SMMUv3 driver. The state of a table that is not preserved is 0. */

#include <linux/dma-mapping.h>
#include <linux/iommu-liveupdate.h>
#include <linux/kexec_handover.h>

#include "arm-smmu-v3.h"

static bool two_level(struct arm_smmu_device *smmu)
{
	return smmu->features & ARM_SMMU_FEAT_2_LVL_STRTAB;
}

static u64 *strtab_states(struct arm_smmu_device *smmu)
{
	struct iommu_hw_ser *rec = iommu_preserved_state(&smmu->iommu);

	return phys_to_virt(rec->smmuv3.l2_strtab_lu_states_phys);
}

/* --- preserve: the unit --------------------------------------------------- */

static int preserve_first_level(struct arm_smmu_device *smmu, u64 *state)
{
	struct arm_smmu_strtab_cfg *cfg = &smmu->strtab_cfg;

	if (two_level(smmu))
		return dmam_preserve_coherent_allocation(smmu->dev, cfg->l2.l1tab, cfg->l2.num_l1_ents * sizeof(*cfg->l2.l1tab),
							 cfg->l2.l1_dma, state);
	return dmam_preserve_coherent_allocation(smmu->dev, cfg->linear.table, cfg->linear.num_ents * sizeof(*cfg->linear.table),
						 cfg->linear.ste_dma, state);
}

int arm_smmu_preserve(struct iommu_device *iommu, struct iommu_hw_ser *rec)
{
	struct arm_smmu_device *smmu = container_of(iommu, struct arm_smmu_device, iommu);
	u64 *states, state;
	int ret = preserve_first_level(smmu, &state);

	if (ret)
		return ret;
	if (two_level(smmu)) {
		states = kho_alloc_preserve(smmu->strtab_cfg.l2.num_l1_ents * sizeof(*states));
		if (IS_ERR(states)) {
			dma_unpreserve_coherent_allocation(smmu->dev, state);
			return PTR_ERR(states);
		}
		rec->smmuv3.l2_strtab_lu_states_phys = virt_to_phys(states);
	}
	rec->token = smmu->base_phys;
	rec->type = IOMMU_ARM_SMMUV3;
	rec->smmuv3.phys_addr = smmu->base_phys;
	rec->smmuv3.l1_strtab_lu_state = state;
	rec->smmuv3.strtab_base_cfg = readl_relaxed(smmu->base + ARM_SMMU_STRTAB_BASE_CFG);
	return 0;
}

void arm_smmu_unpreserve(struct iommu_device *iommu, struct iommu_hw_ser *rec)
{
	struct arm_smmu_device *smmu = container_of(iommu, struct arm_smmu_device, iommu);
	u64 *states = phys_to_virt(rec->smmuv3.l2_strtab_lu_states_phys);
	u32 idx;

	if (two_level(smmu)) {
		for (idx = 0; idx < smmu->strtab_cfg.l2.num_l1_ents; idx++) {
			if (states[idx])
				dma_unpreserve_coherent_allocation(smmu->dev, states[idx]);
		}
		kho_unpreserve_free(states);
	}
	dma_unpreserve_coherent_allocation(smmu->dev, rec->smmuv3.l1_strtab_lu_state);
}

/* --- preserve: the streams of a device ------------------------------------ */

static bool is_preserved(struct arm_smmu_device *smmu, u32 idx)
{
	struct rb_node *node;

	for (node = rb_first(&smmu->streams); node; node = rb_next(node)) {
		struct arm_smmu_stream *stream = rb_entry(node, struct arm_smmu_stream, node);

		if (stream->master->preserved && arm_smmu_strtab_l1_idx(stream->id) == idx)
			return true;
	}
	return false;
}

/* Gives back the tables of the first `n` streams that no preserved device needs. */
static void unpreserve_streams(struct arm_smmu_master *master, unsigned int n)
{
	struct arm_smmu_device *smmu = master->smmu;
	u64 *states;

	if (!two_level(smmu))
		return;
	states = strtab_states(smmu);
	guard(mutex)(&smmu->streams_mutex);
	while (n-- > 0) {
		u32 idx = arm_smmu_strtab_l1_idx(master->streams[n].id);

		if (!states[idx] || is_preserved(smmu, idx))
			continue;
		dma_unpreserve_coherent_allocation(smmu->dev, states[idx]);
		states[idx] = 0;
	}
}

static int preserve_streams(struct arm_smmu_master *master)
{
	struct arm_smmu_strtab_cfg *cfg = &master->smmu->strtab_cfg;
	unsigned int i;

	for (i = 0; two_level(master->smmu) && i < master->num_streams; i++) {
		u32 idx = arm_smmu_strtab_l1_idx(master->streams[i].id);
		u64 desc = le64_to_cpu(cfg->l2.l1tab[idx].l2ptr);
		u64 *state = &strtab_states(master->smmu)[idx];
		int ret;

		if (*state)
			continue;
		ret = dmam_preserve_coherent_allocation(master->smmu->dev, cfg->l2.l2ptrs[idx], sizeof(*cfg->l2.l2ptrs[idx]),
							desc & STRTAB_L1_DESC_L2PTR_MASK, state);
		if (ret) {
			unpreserve_streams(master, i);
			return ret;
		}
	}
	return 0;
}

/* --- preserve: the CD tables of a device ---------------------------------- */

static int preserve_l2_cdtabs(struct arm_smmu_master *master, struct iommu_device_ser *rec)
{
	struct arm_smmu_ctx_desc_cfg *cd_table = &master->cd_table;
	u64 *states = kho_alloc_preserve(cd_table->l2.num_l1_ents * sizeof(*states));
	u32 i, n = 0;
	int ret;

	if (IS_ERR(states))
		return PTR_ERR(states);
	for (i = 0; i < cd_table->l2.num_l1_ents; i++) {
		u64 desc = le64_to_cpu(cd_table->l2.l1tab[i].l2ptr);

		if (!(desc & CTXDESC_L1_DESC_V))
			continue;
		ret = dma_preserve_coherent_allocation(master->smmu->dev, cd_table->l2.l2ptrs[i], sizeof(*cd_table->l2.l2ptrs[i]),
						       desc & CTXDESC_L1_DESC_L2PTR_MASK, &states[n]);
		if (ret)
			goto undo;
		n++;
	}
	rec->smmuv3.l2_cdtab_lu_states_phys = virt_to_phys(states);
	rec->smmuv3.num_l2_cdtables = n;
	return 0;

undo:
	while (n-- > 0)
		dma_unpreserve_coherent_allocation(master->smmu->dev, states[n]);
	kho_unpreserve_free(states);
	return ret;
}

static int preserve_cds(struct arm_smmu_master *master, struct iommu_device_ser *rec)
{
	struct arm_smmu_ctx_desc_cfg *cd_table = &master->cd_table;
	bool linear = cd_table->s1fmt == STRTAB_STE_0_S1FMT_LINEAR;
	void *table = linear ? (void *)cd_table->linear.table : (void *)cd_table->l2.l1tab;
	size_t size = linear ? cd_table->linear.num_ents * sizeof(*cd_table->linear.table) :
			       cd_table->l2.num_l1_ents * sizeof(*cd_table->l2.l1tab);
	u64 state;
	int ret = dma_preserve_coherent_allocation(master->smmu->dev, table, size, cd_table->cdtab_dma, &state);

	if (ret)
		return ret;
	if (!linear)
		ret = preserve_l2_cdtabs(master, rec);
	if (ret) {
		dma_unpreserve_coherent_allocation(master->smmu->dev, state);
		return ret;
	}
	rec->smmuv3.l1_cdtab_lu_state = state;
	return 0;
}

static void unpreserve_cds(struct arm_smmu_master *master, struct iommu_device_ser *rec)
{
	u64 *states = phys_to_virt(rec->smmuv3.l2_cdtab_lu_states_phys);
	u32 n = rec->smmuv3.num_l2_cdtables;

	if (!rec->smmuv3.l1_cdtab_lu_state)
		return;
	if (n) {
		while (n-- > 0)
			dma_unpreserve_coherent_allocation(master->smmu->dev, states[n]);
		kho_unpreserve_free(states);
	}
	dma_unpreserve_coherent_allocation(master->smmu->dev, rec->smmuv3.l1_cdtab_lu_state);
}

/* --- preserve: a device --------------------------------------------------- */

int arm_smmu_preserve_device(struct device *dev, struct iommu_device_ser *rec)
{
	struct arm_smmu_master *master = dev_iommu_priv_get(dev);
	struct iommu_domain *domain = iommu_get_domain_for_dev(dev);
	struct arm_smmu_domain *smmu_domain;
	int ret;

	if (!domain || !(domain->type & __IOMMU_DOMAIN_PAGING) || arm_smmu_ssids_in_use(&master->cd_table))
		return -EOPNOTSUPP;
	smmu_domain = to_smmu_domain(domain);
	ret = preserve_streams(master);
	if (ret)
		return ret;
	if (smmu_domain->stage == ARM_SMMU_DOMAIN_S1)
		ret = preserve_cds(master, rec);
	if (ret) {
		unpreserve_streams(master, master->num_streams);
		return ret;
	}
	rec->domain_iommu_ser.attachment_id =
		smmu_domain->stage == ARM_SMMU_DOMAIN_S1 ? smmu_domain->cd.asid : smmu_domain->s2_cfg.vmid;
	master->preserved = true;
	return 0;
}

void arm_smmu_unpreserve_device(struct device *dev, struct iommu_device_ser *rec)
{
	struct arm_smmu_master *master = dev_iommu_priv_get(dev);

	if (!master->preserved)
		return;
	master->preserved = false;
	unpreserve_cds(master, rec);
	unpreserve_streams(master, master->num_streams);
}

/* --- shutdown ------------------------------------------------------------- */

int arm_smmu_liveupdate_shutdown(struct arm_smmu_device *smmu)
{
	struct arm_smmu_cmd cmds[] = { arm_smmu_make_cmd_cfgi_all(), arm_smmu_make_cmd_op(CMDQ_OP_TLBI_NSNH_ALL) };
	struct arm_smmu_strtab_cfg *cfg = &smmu->strtab_cfg;
	struct arm_smmu_ste abort_ste;
	struct rb_node *node;
	u32 idx;

	arm_smmu_make_abort_ste(&abort_ste);
	mutex_lock(&smmu->streams_mutex);
	for (node = rb_first(&smmu->streams); node; node = rb_next(node)) {
		struct arm_smmu_stream *stream = rb_entry(node, struct arm_smmu_stream, node);

		if (stream->master->preserved)
			continue;
		arm_smmu_write_ste(stream->master, stream->id, arm_smmu_get_step_for_sid(smmu, stream->id), &abort_ste);
	}
	mutex_unlock(&smmu->streams_mutex);
	for (idx = 0; two_level(smmu) && idx < cfg->l2.num_l1_ents; idx++) {
		if (!strtab_states(smmu)[idx])
			WRITE_ONCE(cfg->l2.l1tab[idx].l2ptr, 0);
	}
	arm_smmu_cmdq_issue_cmdlist(smmu, &smmu->cmdq, cmds, ARRAY_SIZE(cmds), true);
	return arm_smmu_write_reg_sync(smmu, CR0_SMMUEN, ARM_SMMU_CR0, ARM_SMMU_CR0ACK);
}

/* --- the next kernel: the unit -------------------------------------------- */

static int restore_l2_strtabs(struct arm_smmu_device *smmu, u64 *states)
{
	struct arm_smmu_strtab_cfg *cfg = &smmu->strtab_cfg;
	phys_addr_t base;
	dma_addr_t dma;
	u32 idx;
	int ret;

	for (idx = 0; idx < cfg->l2.num_l1_ents; idx++) {
		ret = arm_smmu_kexec_check_strtab_l1_desc(smmu, le64_to_cpu(cfg->l2.l1tab[idx].l2ptr), idx, &base);
		if (ret < 0)
			return ret;
		if (ret == 1)
			continue;
		cfg->l2.l2ptrs[idx] = dmam_restore_coherent_allocation(smmu->dev, sizeof(*cfg->l2.l2ptrs[idx]), &dma,
								       GFP_KERNEL, states[idx]);
		if (!cfg->l2.l2ptrs[idx] || dma != base)
			return -EINVAL;
	}
	return 0;
}

static int restore_2lvl(struct arm_smmu_device *smmu, struct iommu_hw_ser *rec, u32 cfg_reg, phys_addr_t base)
{
	struct arm_smmu_strtab_cfg *cfg = &smmu->strtab_cfg;
	struct folio *folio;
	int ret = arm_smmu_kexec_parse_strtab_2lvl(smmu, cfg_reg, base, &cfg->l2.num_l1_ents);

	if (ret)
		return ret;
	cfg->l2.l1tab = dmam_restore_coherent_allocation(smmu->dev, cfg->l2.num_l1_ents * sizeof(*cfg->l2.l1tab),
							 &cfg->l2.l1_dma, GFP_KERNEL, rec->smmuv3.l1_strtab_lu_state);
	if (!cfg->l2.l1tab || cfg->l2.l1_dma != base)
		return -EINVAL;
	cfg->l2.l2ptrs = devm_kcalloc(smmu->dev, cfg->l2.num_l1_ents, sizeof(*cfg->l2.l2ptrs), GFP_KERNEL);
	if (!cfg->l2.l2ptrs)
		return -ENOMEM;
	folio = kho_restore_folio(rec->smmuv3.l2_strtab_lu_states_phys);
	if (!folio)
		return -EINVAL;
	ret = restore_l2_strtabs(smmu, phys_to_virt(rec->smmuv3.l2_strtab_lu_states_phys));
	if (!ret)
		folio_put(folio);
	return ret;
}

static int restore_linear(struct arm_smmu_device *smmu, struct iommu_hw_ser *rec, u32 cfg_reg, phys_addr_t base)
{
	struct arm_smmu_strtab_cfg *cfg = &smmu->strtab_cfg;
	int ret = arm_smmu_kexec_parse_strtab_linear(smmu, cfg_reg, base, &cfg->linear.num_ents);

	if (ret)
		return ret;
	cfg->linear.table = dmam_restore_coherent_allocation(smmu->dev, cfg->linear.num_ents * sizeof(*cfg->linear.table),
							     &cfg->linear.ste_dma, GFP_KERNEL, rec->smmuv3.l1_strtab_lu_state);
	return cfg->linear.table && cfg->linear.ste_dma == base ? 0 : -EINVAL;
}

int arm_smmu_liveupdate_restore_strtab(struct arm_smmu_device *smmu)
{
	struct iommu_hw_ser *rec = iommu_get_preserved_data(smmu->base_phys, IOMMU_ARM_SMMUV3);
	u32 cfg_reg = readl_relaxed(smmu->base + ARM_SMMU_STRTAB_BASE_CFG);
	phys_addr_t base = readq_relaxed(smmu->base + ARM_SMMU_STRTAB_BASE) & STRTAB_BASE_ADDR_MASK;
	int ret;

	if (!rec)
		return -ENOENT;
	if (cfg_reg != rec->smmuv3.strtab_base_cfg || smmu->base_phys != rec->smmuv3.phys_addr)
		return -EINVAL;
	ret = two_level(smmu) ? restore_2lvl(smmu, rec, cfg_reg, base) : restore_linear(smmu, rec, cfg_reg, base);
	if (!ret)
		ret = arm_smmu_kexec_scan_and_resv_ids(smmu);
	return ret;
}

/* --- the next kernel: a device -------------------------------------------- */

static int restore_l2_cdtabs(struct arm_smmu_master *master, struct iommu_device_ser *rec)
{
	struct arm_smmu_ctx_desc_cfg *cd_table = &master->cd_table;
	struct folio *folio = kho_restore_folio(rec->smmuv3.l2_cdtab_lu_states_phys);
	u64 *states = phys_to_virt(rec->smmuv3.l2_cdtab_lu_states_phys);
	u32 i, n = 0;

	if (!folio)
		return -EINVAL;
	for (i = 0; i < cd_table->l2.num_l1_ents; i++) {
		phys_addr_t base;
		dma_addr_t dma;
		int ret = arm_smmu_kexec_check_cdtab_l1_desc(le64_to_cpu(cd_table->l2.l1tab[i].l2ptr), &base);

		if (ret < 0)
			return ret;
		if (ret == 1)
			continue;
		if (n == rec->smmuv3.num_l2_cdtables)
			return -EINVAL;
		cd_table->l2.l2ptrs[i] = dma_restore_coherent_allocation(master->smmu->dev, sizeof(*cd_table->l2.l2ptrs[i]), &dma,
									 GFP_KERNEL, states[n++]);
		if (!cd_table->l2.l2ptrs[i] || dma != base)
			return -EINVAL;
	}
	folio_put(folio);
	return n == rec->smmuv3.num_l2_cdtables ? 0 : -EINVAL;
}

int arm_smmu_liveupdate_restore_cd_tables(struct arm_smmu_master *master)
{
	struct iommu_device_ser *rec = dev_iommu_restored_state(master->dev);
	struct arm_smmu_ctx_desc_cfg *cd_table = &master->cd_table;
	struct arm_smmu_ste *ste = arm_smmu_get_step_for_sid(master->smmu, master->streams[0].id);
	u64 ste0 = le64_to_cpu(ste->data[0]);
	u32 s1fmt, num;
	phys_addr_t base;
	int ret;

	if (!rec || !(ste0 & STRTAB_STE_0_V) || FIELD_GET(STRTAB_STE_0_CFG, ste0) != STRTAB_STE_0_CFG_S1_TRANS)
		return 0;
	ret = arm_smmu_kexec_check_ste_cdtab(master->smmu, ste0, &base, &s1fmt, &num);
	if (ret)
		return ret;
	cd_table->s1fmt = s1fmt;
	cd_table->s1cdmax = ilog2(num);
	if (s1fmt == STRTAB_STE_0_S1FMT_LINEAR) {
		cd_table->linear.num_ents = num;
		cd_table->linear.table = dma_restore_coherent_allocation(master->smmu->dev, num * sizeof(*cd_table->linear.table),
									 &cd_table->cdtab_dma, GFP_KERNEL,
									 rec->smmuv3.l1_cdtab_lu_state);
		return cd_table->linear.table && cd_table->cdtab_dma == base ? 0 : -EINVAL;
	}
	cd_table->l2.num_l1_ents = DIV_ROUND_UP(num, CTXDESC_L2_ENTRIES);
	cd_table->l2.l1tab = dma_restore_coherent_allocation(master->smmu->dev,
							     cd_table->l2.num_l1_ents * sizeof(*cd_table->l2.l1tab),
							     &cd_table->cdtab_dma, GFP_KERNEL, rec->smmuv3.l1_cdtab_lu_state);
	if (!cd_table->l2.l1tab || cd_table->cdtab_dma != base)
		return -EINVAL;
	cd_table->l2.l2ptrs = kcalloc(cd_table->l2.num_l1_ents, sizeof(*cd_table->l2.l2ptrs), GFP_KERNEL);
	return cd_table->l2.l2ptrs ? restore_l2_cdtabs(master, rec) : -ENOMEM;
}

/* The domain takes the id that is in use, in the place of the id that it was made with. */
static int take_id(struct arm_smmu_domain *domain, u32 id)
{
	struct arm_smmu_device *smmu = domain->smmu;

	if (domain->stage == ARM_SMMU_DOMAIN_S2) {
		if (domain->s2_cfg.vmid != id)
			ida_free(&smmu->vmid_map, domain->s2_cfg.vmid);
		domain->s2_cfg.vmid = id;
		return 0;
	}
	if (domain->cd.asid == id)
		return 0;
	if (xa_load(&smmu->asid_map, id))
		return -EBUSY;
	xa_erase(&smmu->asid_map, domain->cd.asid);
	xa_store(&smmu->asid_map, id, domain, GFP_KERNEL);
	domain->cd.asid = id;
	return 0;
}

int arm_smmu_liveupdate_attach_restored(struct arm_smmu_master *master, struct arm_smmu_domain *domain)
{
	struct iommu_device_ser *rec = dev_iommu_restored_state(master->dev);
	struct arm_smmu_ste *ste = arm_smmu_get_step_for_sid(master->smmu, master->streams[0].id);
	u64 ste0 = le64_to_cpu(ste->data[0]);
	struct pt_iommu_armv8_hw_info info;
	u64 id, ttb;

	if (!rec || !iommu_domain_restored_state(&domain->domain) || !(ste0 & STRTAB_STE_0_V))
		return -EINVAL;
	if (domain->stage == ARM_SMMU_DOMAIN_S1) {
		struct arm_smmu_cd *cd = arm_smmu_get_cd_ptr(master, IOMMU_NO_PASID);

		if (!cd || !(le64_to_cpu(cd->data[0]) & CTXDESC_CD_0_V))
			return -EINVAL;
		id = FIELD_GET(CTXDESC_CD_0_ASID, le64_to_cpu(cd->data[0]));
		ttb = le64_to_cpu(cd->data[1]) & CTXDESC_CD_1_TTB0_MASK;
	} else {
		id = FIELD_GET(STRTAB_STE_2_S2VMID, le64_to_cpu(ste->data[2]));
		ttb = le64_to_cpu(ste->data[3]) & STRTAB_STE_3_S2TTB_MASK;
	}
	pt_iommu_armv8_hw_info(&domain->armv8pt, &info);
	if (ttb != info.ttb || id != rec->domain_iommu_ser.attachment_id)
		return -EINVAL;
	return take_id(domain, id);
}
