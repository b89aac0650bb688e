import { expect, test } from 'vitest';
import { FlowSchemas } from '../../api/kinds/flowcontrol/flow-schema.ts';
import { PriorityLevelConfigurations } from '../../api/kinds/flowcontrol/priority-level-configuration.ts';
import { testbed } from '../testbed.suite.ts';
import { flowSchemaController } from './controller.ts';

test('a FlowSchema says whether its priority level is there, and when that changed', async () => {
  const bed = await testbed();
  await bed.start(flowSchemaController(bed.context));
  const conditions = () => bed.client.objects(FlowSchemas).find(({ metadata }) => metadata.name === 'mine')?.status?.conditions?.map(({ type, status, reason, message }) => `${type} ${status} ${reason} ${message}`);
  await bed.client.create(FlowSchemas, { apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'FlowSchema', metadata: { name: 'mine' }, spec: { priorityLevelConfiguration: { name: 'calm' } } });
  await bed.clock.settle();
  expect(conditions()).toEqual(['Dangling True NotFound This FlowSchema references the PriorityLevelConfiguration object named "calm" but there is no such object']);
  await bed.client.create(PriorityLevelConfigurations, { apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'PriorityLevelConfiguration', metadata: { name: 'calm' }, spec: { type: 'Limited', limited: { nominalConcurrencyShares: 10, limitResponse: { type: 'Reject' } } } });
  await bed.clock.settle();
  expect(conditions()).toEqual(['Dangling False Found This FlowSchema references the PriorityLevelConfiguration object named "calm" and it exists']);
  expect(bed.errors).toEqual([]);
  await bed.stop();
});
